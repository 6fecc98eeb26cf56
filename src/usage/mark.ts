import type { UsageReader } from './usage-store';

/** The record that was read last. */
export interface Mark {
  readonly place: number;
  readonly id: string;
}

/** Whether it still stands there. Places begin anew in a database that was moved aside and made again. */
export async function stands(reader: Pick<UsageReader, 'records'>, { place, id }: Mark): Promise<boolean> {
  for await (const [record] of reader.records({ after: place - 1, limit: 1 })) {
    return record?.place === place && record.id === id;
  }
  return false;
}

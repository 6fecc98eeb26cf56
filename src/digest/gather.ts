import { stands } from '../usage/mark';
import type { UsageReader } from '../usage/usage-store';
import { DigestBuilder } from './digest';
import type { Told } from './digest-file';

type Reader = Pick<UsageReader, 'records'>;

/**
 * What ended abnormally since a channel was told last, in the order of arrival: a record that came late is in the next
 * digest. Memory does not grow with their number.
 */
export async function gather(reader: Reader, { until, from, last }: Told): Promise<DigestBuilder> {
  const builder = new DigestBuilder();
  // Places begin anew in a database that was moved aside and made again: then only times tell.
  const isThere = last !== undefined && (await stands(reader, last));
  const since = isThere ? { from, after: last.place } : { from: last === undefined ? from : until };
  for await (const batch of reader.records({ ...since, abnormal: true }))
    batch.forEach((record) => {
      builder.add(record);
    });
  return builder;
}

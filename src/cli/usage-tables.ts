import type { z } from 'zod';
import { jsonOf, understand, type ApiClient, type Parameters } from './client/api-client';
import { linesOf } from './output/lines';
import { UsageTotal } from './usage-total';
import { recordsTable, sumsTable, type GroupKey, type ViewOptions } from './usage-views';
import { usageRecord, usageSum, type UsageRecord, type UsageSum } from './wire';

interface TableQuery {
  readonly client: ApiClient;
  readonly parameters: Parameters;
  /** Rows that are shown; memory is bounded by it. */
  readonly limit: number;
  readonly view: ViewOptions;
}

/** Asks for usage records; the value is the lines of their table. */
export async function recordsAsTable({ client, parameters, limit, view }: TableQuery): Promise<string[]> {
  const records: UsageRecord[] = [];
  const asked = { ...parameters, limit: String(limit + 1) };
  for await (const record of answers(client, asked, usageRecord)) {
    if (records.push(record) > limit) break;
  }
  return recordsTable(records.slice(0, limit), records.length > limit, view);
}

/** Asks for sums; the value is the lines of their table with the total of them all. */
export async function sumsAsTable(
  { client, parameters, limit, view }: TableQuery,
  groupBy: readonly GroupKey[],
): Promise<string[]> {
  const shown: UsageSum[] = [];
  const total = new UsageTotal();
  for await (const sum of answers(client, parameters, usageSum)) {
    total.add(sum);
    if (shown.length < limit) shown.push(sum);
  }
  return sumsTable(shown, total, groupBy, view);
}

async function* answers<T>(client: ApiClient, parameters: Parameters, schema: z.ZodType<T>): AsyncGenerator<T> {
  const chunks = await client.stream('/v1/usage', { ...parameters, format: 'ndjson' });
  for await (const lines of linesOf(chunks)) {
    for (const line of lines) yield understand(jsonOf(line), schema);
  }
}

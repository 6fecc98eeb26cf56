import type { UsageRecord } from '../../turn/usage-record';
import type { GroupKey, UsageSum } from '../../usage/usage-store';
import { RECORD_FIELDS, SUM_FIELDS, type UsageFormat } from '../usage-schema';
import { csvLine } from './csv';
import { recordJson } from './json';

/** How rows become a text: `head`, a text for each row, `separator` between them. What ends it is the writer's matter. */
export interface RowFormat<T> {
  readonly head: string;
  readonly separator: string;
  readonly row: (row: T) => string;
}

export function recordFormat(format: UsageFormat): RowFormat<UsageRecord> {
  switch (format) {
    case 'json':
      return { head: '{"records":[', separator: ',', row: (record) => JSON.stringify(recordJson(record)) };
    case 'ndjson':
      return { head: '', separator: '', row: (record) => `${JSON.stringify(recordJson(record))}\n` };
    case 'csv':
      return { head: csvLine(RECORD_FIELDS), separator: '', row: recordCsv };
  }
}

export function sumFormat(format: UsageFormat, groupBy: readonly GroupKey[]): RowFormat<UsageSum> {
  const fields = [...groupBy, ...SUM_FIELDS];
  switch (format) {
    case 'json':
      return { head: '{"sums":[', separator: ',', row: (sum) => JSON.stringify(sum) };
    case 'ndjson':
      return { head: '', separator: '', row: (sum) => `${JSON.stringify(sum)}\n` };
    case 'csv':
      return { head: csvLine(fields), separator: '', row: (sum) => csvLine(fields.map((field) => sum[field] ?? '')) };
  }
}

function recordCsv(record: UsageRecord): string {
  const shown = recordJson(record);
  return csvLine(RECORD_FIELDS.map((field) => shown[field]));
}

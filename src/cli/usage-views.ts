import { abnormalEnd } from '../turn/abnormal-end';
import { bytes, count, duration, time } from './text/human';
import { table, type Column } from './text/table';
import type { UsageTotal } from './usage-total';
import type { UsageRecord, UsageSum } from './wire';

/** In the order in which a table shows them. */
export const GROUP_KEYS = ['day', 'server', 'realm', 'user', 'label'] as const;
export type GroupKey = (typeof GROUP_KEYS)[number];

type Traffic = Pick<UsageSum, 'clientReceivedBytes' | 'clientSentBytes' | 'peerReceivedBytes' | 'peerSentBytes'>;

const TRAFFIC_COLUMNS: readonly Column<Traffic>[] = [
  { header: 'UP', value: ({ clientReceivedBytes }) => bytes(clientReceivedBytes), align: 'right' },
  { header: 'DOWN', value: ({ clientSentBytes }) => bytes(clientSentBytes), align: 'right' },
  { header: 'TO PEERS', value: ({ peerSentBytes }) => bytes(peerSentBytes), align: 'right' },
  { header: 'FROM PEERS', value: ({ peerReceivedBytes }) => bytes(peerReceivedBytes), align: 'right' },
];

const RECORD_COLUMNS: readonly Column<UsageRecord>[] = [
  { header: 'USER', value: ({ userId }) => userId, least: 16 },
  { header: 'REALM', value: ({ realm }) => realm, least: 12 },
  { header: 'DURATION', value: ({ durationSeconds }) => duration(durationSeconds), align: 'right' },
  { header: 'ALLOC', value: ({ allocations }) => count(allocations), align: 'right' },
  ...TRAFFIC_COLUMNS,
  { header: 'TRANSPORT', value: ({ transports }) => transports.join(',') },
  { header: 'END', value: ({ endReason }) => endReason },
  { header: 'SETTLED', value: ({ settled }) => settled },
  { header: 'SERVER', value: ({ server }) => server, least: 12 },
];
const ABNORMAL_COLUMNS: readonly Column<UsageRecord>[] = [
  { header: 'ID', value: ({ id }) => id },
  { header: 'HOW', value: (record) => abnormalEnd(record) ?? '' },
];
const SPARED_OF_RECORDS = [
  ...['FROM PEERS', 'TO PEERS', 'SERVER', 'ALLOC', 'TRANSPORT', 'END', 'SETTLED', 'REALM', 'DURATION'],
  ...['ENDED', 'UP', 'DOWN'],
];

const SUM_COLUMNS: readonly Column<UsageSum>[] = [
  { header: 'SESSIONS', value: ({ sessions }) => count(sessions), align: 'right' },
  { header: 'RELAYED', value: ({ relayedSessions }) => count(relayedSessions), align: 'right' },
  { header: 'ALLOC', value: ({ allocations }) => count(allocations), align: 'right' },
  { header: 'DURATION', value: ({ durationSeconds }) => duration(durationSeconds), align: 'right' },
  ...TRAFFIC_COLUMNS,
];
const SPARED_OF_SUMS = ['FROM PEERS', 'TO PEERS', 'ALLOC', 'RELAYED', 'DURATION', 'SESSIONS', 'UP', 'DOWN'];

export interface ViewOptions {
  /** Columns of the terminal. */
  readonly width: number;
  /** Of the times and days. */
  readonly timeZone: string;
  /** Sessions that ended abnormally: which, and how. */
  readonly abnormal: boolean;
}

/** Usage records as lines; `more` says that there are others. */
export function recordsTable(records: readonly UsageRecord[], more: boolean, options: ViewOptions): string[] {
  if (records.length === 0) return ['No session that ended in this time has a record.'];
  const ended = { header: 'ENDED', value: ({ endedAt }: UsageRecord) => time(endedAt, options.timeZone) };
  const { width, abnormal } = options;
  const columns = [ended, ...(abnormal ? ABNORMAL_COLUMNS : []), ...RECORD_COLUMNS];
  const lines = table(records, { columns, spared: SPARED_OF_RECORDS, width });
  const hint = 'There are more: ask with --limit, --from or --group-by, or for all with --json or --csv.';
  return more ? [...lines, '', hint] : lines;
}

/** Sums as lines, with the total of all below, those that aren't shown too. */
export function sumsTable(
  sums: readonly UsageSum[],
  { amounts: total, rows }: UsageTotal,
  groupBy: readonly GroupKey[],
  { width }: ViewOptions,
): string[] {
  if (rows === 0) return ['No session that ended in this time has a record.'];
  const keys = GROUP_KEYS.filter((key) => groupBy.includes(key)).map((key) => keyColumn(key));
  const [first] = keys;
  if (first) keys[0] = { ...first, value: (sum) => (sum === total ? 'total' : first.value(sum)) };
  const lines = table(sums, { columns: [...keys, ...SUM_COLUMNS], spared: SPARED_OF_SUMS, width, total });
  if (sums.length === rows) return lines;
  return [...lines, '', `Shown are ${count(sums.length)} of ${count(rows)} rows; the total is of all (see --limit).`];
}

function keyColumn(key: GroupKey): Column<UsageSum> {
  const column = { header: key.toUpperCase(), value: (sum: UsageSum) => sum[key] ?? '' };
  return key === 'day' ? column : { ...column, least: 16 };
}

import { COUNT_COLUMNS, IS_ABNORMAL } from '../usage-columns';
import type { OffsetFrom } from '../usage-day';
import type { GroupKey, UsageFilter } from '../usage-store';
import type { Value } from './sqlite-thread';

export interface Condition {
  readonly sql: string;
  readonly values: readonly Value[];
}

/** What a filter asks of a record; TRUE where it asks nothing. */
export function conditionOf({ from, to, user, realm, server, abnormal }: UsageFilter): Condition {
  const asked = [
    ['ended_at >= ?', from],
    ['ended_at < ?', to],
    ['user_id = ?', user],
    ['realm = ?', realm],
    ['server = ?', server],
  ] as const;
  const [conditions, values]: [string[], Value[]] = [[], []];
  for (const [sql, value] of asked) {
    if (value === undefined) continue;
    conditions.push(sql);
    values.push(value);
  }
  if (abnormal) conditions.push(IS_ABNORMAL);
  return { sql: conditions.join(' AND ') || 'TRUE', values };
}

/**
 * Adds up the records of a condition, for two more parameters: their first place, and their last. Places are read in
 * their order, though there is an index by time: a record found through that costs ten times one that comes next.
 */
export function sumsQuery({ sql }: Condition, groupBy: readonly GroupKey[], offsets: readonly OffsetFrom[]): string {
  const day = dayNumber(offsets);
  const groups = groupBy.map((key) => (key === 'day' ? day : KEY_COLUMNS[key])).join(', ');
  const names = groupBy.map((key) => (key === 'day' ? `date(${day} * 86400, 'unixepoch')` : KEY_COLUMNS[key]));
  const keys = names.map((name, at) => `${name} AS "${groupBy[at] ?? ''}"`).join(', ');
  const counts = ['allocations', 'duration_ms', ...COUNT_COLUMNS].map((column) => `sum(${column}) AS ${column}`);
  return `SELECT ${keys}, count(*) AS sessions, sum(relayed) AS relayed_sessions, ${counts.join(', ')}
    FROM usage NOT INDEXED WHERE ${sql} AND place BETWEEN ? AND ? GROUP BY ${groups} ORDER BY ${groups}`;
}

const KEY_COLUMNS = {
  user: 'user_id',
  label: "iif(instr(user_id, '#') = 0, '', substr(user_id, instr(user_id, '#') + 1))",
  realm: 'realm',
  server: 'server',
} as const;
const DAY_MS = 86_400_000;

/** The days since 1970 of a zone's calendar, of which SQLite knows nothing: its offsets from UTC become part of the query. */
function dayNumber(offsets: readonly OffsetFrom[]): string {
  const offset = offsets.reduce((before, { from, offset }) => `iif(ended_at < ${from}, ${before}, ${offset})`, '0');
  return `((ended_at + ${offset}) / ${DAY_MS})`;
}

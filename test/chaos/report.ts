import type { ClientAccount } from './chaos-client';
import { bytesOf, type ClientCase } from './compare';
import { groupBy } from './group-by';
import type { Verdict } from './verdict';

const HEAD = [
  'settled',
  'ended',
  'sessions',
  'recorded bytes',
  'logged bytes',
  'clients saw',
  'record - log',
  'log - clients',
];
const TEXT_COLUMNS = 2;

/** One line for each way to end and to be settled: how many, and the bytes of both legs by all three accounts. */
export function renderTable({ cases }: Verdict): string {
  const classes = groupBy(cases.filter(isSession), (one) => `${settledOf(one)}\t${endingOf(one)}`);
  const rows = [...classes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, ones]) => row(name.split('\t'), ones));
  return align([HEAD, ...rows, row(['all', ''], cases.filter(isSession))]);
}

function row(names: readonly string[], ones: readonly ClientCase[]): string[] {
  const recorded = sum(ones, ({ records }) => sum(records, ({ client, peer }) => bytesOf(client) + bytesOf(peer)));
  const logged = sum(ones, ({ log }) => (log ? bytesOf(log.client) + bytesOf(log.peer) : 0));
  const seen = sum(ones, ({ account }) => bytesOf(account.wire) + bytesOf(account.data));
  return [...names, ...[ones.length, recorded, logged, seen, recorded - logged, logged - seen].map(grouped)];
}

function isSession({ account, records }: ClientCase): boolean {
  return account.granted > 0 || records.length > 0;
}

function settledOf({ records }: ClientCase): string {
  return records.length === 0 ? 'LOST' : records.map(({ settled }) => settled).join('+');
}

const ENDINGS: Record<ClientAccount['outcome'], string> = {
  refresh: 'given back',
  close: 'closed',
  expire: 'expired',
  cut: 'cut off',
  refused: 'refused',
};

function endingOf({ account, circumstances }: ClientCase): string {
  if (circumstances.killed === 'yes') return 'coturn killed';
  if (circumstances.stopped) return 'coturn stopped';
  return ENDINGS[account.outcome];
}

function sum<T>(list: readonly T[], value: (one: T) => number): number {
  return list.reduce((total, one) => total + value(one), 0);
}

function grouped(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ',');
}

function align(rows: readonly (readonly string[])[]): string {
  const widths = HEAD.map((_, i) => Math.max(...rows.map((cells) => cells[i]?.length ?? 0)));
  const cell = (text: string, i: number): string =>
    i < TEXT_COLUMNS ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0);
  return rows.map((cells) => `${cells.map(cell).join('  ')}\n`).join('');
}

/** The last line. */
export function renderVerdict({ cases, problems }: Verdict, seed: number): string {
  const sessions = cases.filter(isSession);
  const records = sum(cases, (one) => one.records.length);
  if (problems.length > 0) return `LOST (seed ${seed}): ${problems.length} things are wrong\n`;
  return `nothing lost: ${sessions.length} sessions, ${records} records\n`;
}

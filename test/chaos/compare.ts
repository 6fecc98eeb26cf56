import type { ClientAccount } from './chaos-client';
import type { Circumstances } from './circumstances';
import { COUNT_NAMES, type LegCounts, type LogAccount } from './coturn-log';
import type { StoredRecord } from './stored-records';

/** All that is known of one client, from three sides. */
export interface ClientCase {
  readonly account: ClientAccount;
  readonly circumstances: Circumstances;
  /** undefined: coturn's log does not know it. */
  readonly log: LogAccount | undefined;
  readonly records: readonly StoredRecord[];
}

/** coturn reports each time an allocation's packets reach a multiple of 4096. */
const UNREPORTED_PACKETS = 4095;
/** coturn's log counts whole seconds, and coturn looks for what has expired once a second. */
const DURATION_SLACK_MS = 3_500;
/** Who lets allocations expire waits longer than they last. */
const EXPIRY_SLACK_MS = 6_000;
/** The agent hears of things when it is there again (frozen, stalled): so late it believes them to have happened. */
const AWAY_SLACK_MS = 8_000;

/** What is wrong with a client's records, as sentences; none where all is well. */
export function problemsOf(one: ClientCase): string[] {
  const [record, ...more] = one.records;
  const { granted } = one.account;
  if (!record) return granted > 0 ? [`no record, though coturn granted ${granted} allocations`] : [];
  if (more.length > 0) return [`${one.records.length} records: ${one.records.map(describe).join('; ')}`];
  if (!one.log && !one.circumstances.logDamaged) return ['a record, though coturn logged no allocation'];
  return [
    ...againstLog(record, one),
    ...againstClient(record, one),
    ...settledWrongly(record, one),
    ...describedWrongly(record, one),
  ];
}

/** coturn's word counts: to the byte where its log is whole. */
function againstLog(record: StoredRecord, { log, circumstances }: ClientCase): string[] {
  if (!log) return [];
  return (['client', 'peer'] as const).flatMap((leg) =>
    COUNT_NAMES.flatMap((name) => {
      const [recorded, logged] = [record[leg][name], log[leg][name]];
      const isRight = circumstances.logDamaged ? recorded >= logged : recorded === logged;
      return isRight ? [] : [`${leg} ${name}: recorded ${recorded}, logged ${logged}`];
    }),
  );
}

/** Against what the client saw itself. */
function againstClient(record: StoredRecord, one: ClientCase): string[] {
  const { account, circumstances } = one;
  if (circumstances.killed !== 'no') return underByTooMuch(record, account);
  if (account.outcome === 'cut' || account.outcome === 'refused' || circumstances.stopped) return [];
  const { wire, data, plan } = account;
  const isExact = plan.transport === 'tcp';
  return [
    ...atMost('client receivedPackets', record.client.receivedPackets, wire.sentPackets, isExact),
    ...atMost('client receivedBytes', record.client.receivedBytes, wire.sentBytes, isExact),
    ...atLeast('client sentPackets', record.client.sentPackets, wire.receivedPackets, isExact),
    ...atLeast('client sentBytes', record.client.sentBytes, wire.receivedBytes, isExact),
    ...atMost('peer sentPackets', record.peer.sentPackets, data.sentPackets, isExact),
    ...atMost('peer sentBytes', record.peer.sentBytes, data.sentBytes, isExact),
    ...atLeast('peer receivedPackets', record.peer.receivedPackets, data.receivedPackets, false),
    ...atLeast('peer receivedBytes', record.peer.receivedBytes, data.receivedBytes, false),
  ];
}

function atMost(what: string, recorded: number, seen: number, isExact: boolean): string[] {
  if (isExact ? recorded === seen : recorded <= seen) return [];
  return [`${what}: recorded ${recorded}, the client sent ${seen}`];
}

function atLeast(what: string, recorded: number, seen: number, isExact: boolean): string[] {
  if (isExact ? recorded === seen : recorded >= seen) return [];
  return [`${what}: recorded ${recorded}, the client received ${seen}`];
}

/** What came back to the client has certainly passed the relay: each echo four times. */
function underByTooMuch(record: StoredRecord, { wire, data, plan }: ClientAccount): string[] {
  const passed = 2 * wire.receivedPackets + 2 * data.receivedPackets;
  const recorded = packetsOf(record.client) + packetsOf(record.peer);
  const most = UNREPORTED_PACKETS * plan.allocations;
  return recorded >= passed - most ? [] : [`under by ${passed - recorded} packets, more than ${most}`];
}

function settledWrongly({ settled }: StoredRecord, { circumstances }: ClientCase): string[] {
  const { killed, away, logDamaged } = circumstances;
  const allowed = new Set(killed === 'yes' ? ['estimated'] : ['exact']);
  if (away && killed !== 'yes') allowed.add('recovered');
  if (killed === 'unsure' || (away && logDamaged)) allowed.add('estimated');
  return allowed.has(settled) ? [] : [`settled ${settled}, and not ${[...allowed].join(' or ')}`];
}

function describedWrongly(record: StoredRecord, { account, log, circumstances }: ClientCase): string[] {
  const { plan, username, outcome, startedAt, endedAt } = account;
  const problems: string[] = [];
  if (record.username !== username) problems.push(`user name ${record.username}, and not ${username}`);
  const allowed = circumstances.away ? [plan.transport, 'other'] : [plan.transport];
  if (!record.transports.split(' ').every((transport) => allowed.some((one) => one === transport)))
    problems.push(`transports ${record.transports}, and not ${plan.transport}`);
  if (log && !circumstances.logDamaged && record.allocations !== log.begun)
    problems.push(`${record.allocations} allocations, and not ${log.begun}`);
  const isWhole = outcome !== 'cut' && outcome !== 'refused' && circumstances.killed === 'no' && !circumstances.stopped;
  const slackMs =
    (outcome === 'expire' ? EXPIRY_SLACK_MS : DURATION_SLACK_MS) + (circumstances.away ? AWAY_SLACK_MS : 0);
  if (isWhole && Math.abs(record.durationMs - (endedAt - startedAt)) > slackMs)
    problems.push(`lasted ${record.durationMs} ms, and not ${Math.round(endedAt - startedAt)} ms`);
  return problems;
}

function packetsOf({ receivedPackets, sentPackets }: LegCounts): number {
  return receivedPackets + sentPackets;
}

export function bytesOf({ receivedBytes, sentBytes }: LegCounts): number {
  return receivedBytes + sentBytes;
}

export function describe({ id, settled, endReason, allocations, client, peer }: StoredRecord): string {
  return `${id} ${settled} ${endReason}, ${allocations} allocations, client ${bytesOf(client)} bytes, peer ${bytesOf(peer)} bytes`;
}

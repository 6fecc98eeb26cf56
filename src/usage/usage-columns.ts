import { ABNORMAL_REASONS } from '../turn/abnormal-end';
import type { CloseReason, Settled } from '../turn/fact';
import type { Transport } from '../turn/transport';
import type { UsageRecord } from '../turn/usage-record';
import type { GroupKey, UsageSum } from './usage-store';

/** A record as a table has it; both stores have these columns. `place` is given by the store. */
export interface UsageRow {
  readonly place: number;
  readonly id: string;
  readonly server: string;
  readonly realm: string;
  readonly user_id: string;
  readonly username: string;
  readonly started_at: number;
  readonly ended_at: number;
  readonly duration_ms: number;
  readonly allocations: number;
  readonly relayed: number | boolean;
  readonly client_received_bytes: number;
  readonly client_received_packets: number;
  readonly client_sent_bytes: number;
  readonly client_sent_packets: number;
  readonly peer_received_bytes: number;
  readonly peer_received_packets: number;
  readonly peer_sent_bytes: number;
  readonly peer_sent_packets: number;
  /** Separated by spaces. */
  readonly transports: string;
  readonly end_reason: CloseReason;
  readonly settled: Settled;
}

/** The columns that are added up. */
export const COUNT_COLUMNS = [
  'client_received_bytes',
  'client_received_packets',
  'client_sent_bytes',
  'client_sent_packets',
  'peer_received_bytes',
  'peer_received_packets',
  'peer_sent_bytes',
  'peer_sent_packets',
] as const;

/** Every column but `place`, in their order. */
export const COLUMNS = [
  'id',
  'server',
  'realm',
  'user_id',
  'username',
  'started_at',
  'ended_at',
  'duration_ms',
  'allocations',
  'relayed',
  ...COUNT_COLUMNS,
  'transports',
  'end_reason',
  'settled',
] as const;

/** What `abnormalEnd` asks, as SQL. */
export const IS_ABNORMAL = `(end_reason IN (${ABNORMAL_REASONS.map((reason) => `'${reason}'`).join(', ')})
  OR (peer_sent_packets > 0 AND peer_received_packets = 0))`;

/** The values of `COLUMNS`. */
export function valuesOf(record: UsageRecord): (string | number)[] {
  return [
    record.id,
    record.server,
    record.realm,
    record.userId,
    record.username,
    record.startedAt,
    record.endedAt,
    Math.round(record.durationSeconds * 1000),
    record.allocations,
    record.relayed ? 1 : 0,
    record.clientReceivedBytes,
    record.clientReceivedPackets,
    record.clientSentBytes,
    record.clientSentPackets,
    record.peerReceivedBytes,
    record.peerReceivedPackets,
    record.peerSentBytes,
    record.peerSentPackets,
    record.transports.join(' '),
    record.endReason,
    record.settled,
  ];
}

export function recordOf(row: UsageRow): UsageRecord & { readonly place: number } {
  return {
    place: row.place,
    id: row.id,
    server: row.server,
    realm: row.realm,
    userId: row.user_id,
    username: row.username,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    durationSeconds: row.duration_ms / 1000,
    allocations: row.allocations,
    relayed: Boolean(row.relayed),
    clientReceivedBytes: row.client_received_bytes,
    clientReceivedPackets: row.client_received_packets,
    clientSentBytes: row.client_sent_bytes,
    clientSentPackets: row.client_sent_packets,
    peerReceivedBytes: row.peer_received_bytes,
    peerReceivedPackets: row.peer_received_packets,
    peerSentBytes: row.peer_sent_bytes,
    peerSentPackets: row.peer_sent_packets,
    transports: row.transports === '' ? [] : (row.transports.split(' ') as Transport[]),
    endReason: row.end_reason,
    settled: row.settled,
  };
}

/** A group as a table adds it up. */
export type SumRow = Partial<Record<GroupKey, string>> &
  Record<
    (typeof COUNT_COLUMNS)[number] | 'sessions' | 'relayed_sessions' | 'allocations' | 'duration_ms',
    number | string
  >;

/** PostgreSQL gives its sums as texts. (Fields in a fixed order, one after the other: answers have 100,000 of these.) */
export function sumOf(row: SumRow, groupBy: readonly GroupKey[]): UsageSum {
  const keys: Partial<Record<GroupKey, string>> = {};
  for (const key of groupBy) keys[key] = row[key] ?? '';
  const counts: Omit<UsageSum, GroupKey> = {
    sessions: Number(row.sessions),
    relayedSessions: Number(row.relayed_sessions),
    allocations: Number(row.allocations),
    durationSeconds: Number(row.duration_ms) / 1000,
    clientReceivedBytes: Number(row.client_received_bytes),
    clientReceivedPackets: Number(row.client_received_packets),
    clientSentBytes: Number(row.client_sent_bytes),
    clientSentPackets: Number(row.client_sent_packets),
    peerReceivedBytes: Number(row.peer_received_bytes),
    peerReceivedPackets: Number(row.peer_received_packets),
    peerSentBytes: Number(row.peer_sent_bytes),
    peerSentPackets: Number(row.peer_sent_packets),
  };
  return Object.assign(keys, counts);
}

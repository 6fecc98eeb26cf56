import type { ClosedSession, CloseReason, Settled } from './fact';
import { flatCounts, type FlatCounts } from './flat-counts';
import type { Transport } from './transport';

/** What one session used, written once and for ever. Times are milliseconds since the Unix epoch. */
export interface UsageRecord extends FlatCounts {
  /** Unique among all agents, and the same however often the record is written. */
  readonly id: string;
  readonly server: string;
  readonly realm: string;
  /** The part of the user name after the REST separator, or the whole name. */
  readonly userId: string;
  readonly username: string;
  readonly startedAt: number;
  readonly endedAt: number;
  /** From the first allocation to the last traffic or close, by a clock that never steps. */
  readonly durationSeconds: number;
  readonly allocations: number;
  /** Whether any peer traffic passed. */
  readonly relayed: boolean;
  readonly transports: readonly Transport[];
  readonly endReason: CloseReason;
  readonly settled: Settled;
}

/**
 * The record of a session. `wallClock` turns a time of the relay's clock into milliseconds since the epoch, as the wall
 * clock goes now: a clock that stepped meanwhile moves both ends, and leaves the duration right.
 */
export function usageRecordOf(session: ClosedSession, id: string, wallClock: (at: number) => number): UsageRecord {
  const { server, realm, userId, username, allocations, relayed, client, peer, transports } = session;
  const { endReason, settled, startedAt, endedAt } = session;
  return {
    id,
    server,
    realm,
    userId,
    username,
    startedAt: Math.round(wallClock(startedAt)),
    endedAt: Math.round(wallClock(endedAt)),
    durationSeconds: Math.max(0, Math.round(endedAt - startedAt)) / 1000,
    allocations,
    relayed,
    ...flatCounts(client, peer),
    transports,
    endReason,
    settled,
  };
}

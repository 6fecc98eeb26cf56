import { COUNTS_PER_ROW } from './counts';
import type { CloseReason } from './fact';
import type { Transport } from './transport';

/** An open session as it is kept over a restart of the agent. Times are those of the relay's clock. */
export interface StoredSession {
  readonly slot: number;
  readonly sequence: number;
  readonly server: string;
  readonly realm: string;
  readonly username: string;
  readonly startedAt: number;
  readonly lastTrafficAt: number;
  readonly lastCloseAt: number;
  readonly allocations: number;
  readonly closedRelaying: number;
  /** Bits of `session-table.ts`. */
  readonly flags: number;
  readonly endReason: CloseReason;
  readonly transports: readonly Transport[];
  /** A row of `counts.ts`. */
  readonly counts: readonly number[];
}

/** The same of an open allocation. */
export interface StoredAllocation {
  readonly slot: number;
  readonly origin: number;
  readonly high: number;
  readonly low: number;
  /** The sequence of the session that it is in; 0: in none. */
  readonly session: number;
  readonly startedAt: number;
  readonly realm: string;
  readonly username: string;
  readonly transport: Transport;
  readonly remote: string;
  /** Bits of `allocation-table.ts`. */
  readonly flags: number;
  readonly counts: readonly number[];
}

/**
 * What traffic changes in one of these rows, as so many numbers: the slot, `lastTrafficAt` of a session or `flags` of an
 * allocation, and `counts`.
 */
export const NUMBERS_A_ROW = 2 + COUNTS_PER_ROW;

/** What is open, as another run of the agent kept it. */
export interface StoredState {
  readonly origins: readonly { readonly origin: number; readonly key: string; readonly server: string }[];
  readonly sessions: readonly StoredSession[];
  readonly allocations: readonly StoredAllocation[];
}

import type { LegCounts } from './counts';
import type { Transport } from './transport';

/**
 * Why an allocation ended: `client` deleted it (Refresh with lifetime 0), it `expired`, it was `closed` (the client's
 * connection went away), it was `forced` by an operator, its server died (`lost`), its id was given again
 * (`superseded`), or nothing was heard of it beyond its lifetime (`stale`).
 */
export const CLOSE_REASONS = ['client', 'expired', 'closed', 'forced', 'lost', 'superseded', 'stale'] as const;
export type CloseReason = (typeof CLOSE_REASONS)[number];

/** `exact`: coturn gave the totals of every allocation; `estimated`: it died before it could. */
type Settled = 'exact' | 'estimated';

/** A session that has ended. Times are milliseconds of the clock that the relay was given. */
export interface ClosedSession {
  readonly sequence: number;
  readonly server: string;
  readonly realm: string;
  readonly userId: string;
  readonly username: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly allocations: number;
  /** Whether any peer traffic passed. */
  readonly relayed: boolean;
  readonly client: LegCounts;
  readonly peer: LegCounts;
  readonly transports: readonly Transport[];
  readonly endReason: CloseReason;
  readonly settled: Settled;
}

/** An allocation that has ended, with all that it carried. */
export interface ClosedAllocation {
  /** coturn's id, 18 digits. */
  readonly id: string;
  readonly server: string;
  readonly realm: string;
  readonly username: string;
  readonly transport: Transport;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly client: LegCounts;
  readonly peer: LegCounts;
  readonly reason: CloseReason;
  readonly settled: Settled;
}

/** What the state machine tells. A fact that nobody listens to is not even made: there are thousands a second. */
export interface FactListener {
  readonly allocationClosed?: (allocation: ClosedAllocation) => void;
  readonly sessionClosed?: (session: ClosedSession) => void;
}

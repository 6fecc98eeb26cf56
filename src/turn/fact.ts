import type { LegCounts } from './counts';
import type { AllocationId } from './event';
import type { SessionDescription } from './session-description';
import type { Transport } from './transport';

/**
 * Why an allocation ended: `client` deleted it (Refresh with lifetime 0), it `expired`, it was `closed` (the client's
 * connection went away), it was `forced` by an operator, its server died (`lost`), its id was given again
 * (`superseded`), or nothing was heard of it beyond its lifetime (`stale`).
 */
export const CLOSE_REASONS = ['client', 'expired', 'closed', 'forced', 'lost', 'superseded', 'stale'] as const;
export type CloseReason = (typeof CLOSE_REASONS)[number];

/**
 * How sure the counts are. `exact`: coturn gave the totals of every allocation; `recovered`: the agent was away, and
 * what it missed came from the totals or from coturn's log; `estimated`: coturn died before it could give the totals.
 */
export const SETTLED = ['exact', 'recovered', 'estimated'] as const;
export type Settled = (typeof SETTLED)[number];

/** A session that has ended. */
export interface ClosedSession extends SessionDescription {
  readonly endedAt: number;
}

/** An allocation that has ended, with all that it carried. */
export interface ClosedAllocation {
  /** coturn's id, 18 digits. */
  readonly id: string;
  readonly origin: number;
  /** The sequence number of the session that it was last in; -1 where that is not known. */
  readonly session: number;
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
  /** `describe` is to be called at once, where somebody wants to know. */
  readonly sessionOpened?: (describe: () => SessionDescription) => void;
  /** coturn has granted a Refresh that does not end it. */
  readonly allocationRefreshed?: (id: AllocationId, at: number) => void;
  /** coturn has told of its first peer traffic: at its 4096th packet, or at its end. */
  readonly allocationRelaying?: (id: AllocationId, at: number) => void;
  readonly allocationEnded?: (id: AllocationId, reason: CloseReason) => void;
  readonly allocationClosed?: (allocation: ClosedAllocation) => void;
  readonly sessionClosed?: (session: ClosedSession) => void;
}

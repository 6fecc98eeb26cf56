import type { FlatCounts } from '../turn/flat-counts';
import type { Transport } from '../turn/transport';

/** An allocation that is open in a session. Times are milliseconds since the epoch. */
export interface LiveAllocation {
  /** coturn's, 18 digits. */
  readonly id: string;
  readonly transport: Transport;
  /** The client's `ip:port`, or empty where coturn did not tell. */
  readonly client: string;
  readonly startedAt: number;
  readonly expiresInSeconds: number;
  readonly clientReceivedBytes: number;
  readonly clientSentBytes: number;
  readonly peerReceivedBytes: number;
  readonly peerSentBytes: number;
}

/** A session that is under way, as far as coturn has reported it. Times are milliseconds since the epoch. */
export interface LiveSession extends FlatCounts {
  /** That of the usage record to come. */
  readonly id: string;
  readonly server: string;
  readonly realm: string;
  readonly userId: string;
  readonly username: string;
  readonly startedAt: number;
  readonly durationSeconds: number;
  /** Whether any peer traffic has passed. */
  readonly relayed: boolean;
  readonly transports: readonly Transport[];
  readonly allocations: readonly LiveAllocation[];
}

export interface SessionsQuery {
  readonly user?: string | undefined;
  readonly realm?: string | undefined;
  /** Only what stands after this place. */
  readonly after?: number | undefined;
  readonly limit: number;
}

export interface SessionsPage {
  readonly sessions: readonly LiveSession[];
  /** `after` of the next page; undefined on the last. */
  readonly next: number | undefined;
}

/** The sessions under way. */
export interface LiveSessions {
  list(query: SessionsQuery): SessionsPage;
  find(id: string): LiveSession | undefined;
  /**
   * Ends a session's allocations so that coturn tells their totals. Resolves with how many there were and those (18
   * digits) that are still open after the stop timeout. Throws UserError: `not_found` where there is no such session,
   * `conflict` where coturn is run by somebody else, `unavailable` where it can't be told.
   */
  end(id: string): Promise<{ readonly allocations: number; readonly open: readonly string[] }>;
}

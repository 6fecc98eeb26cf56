import type { LoggedAllocation } from '../coturn/log-allocation-sums';
import type { LogCloseReason } from '../coturn/log-line';
import type { Clock } from '../lib/clock';
import type { CloseReason } from '../turn/fact';
import type { RecoveredAllocation } from '../turn/recovery';
import { monotonicOf, type LogLife } from './log-lives';

export interface RecoveredContext {
  readonly life: LogLife;
  readonly origin: number;
  /** When coturn died with what the log does not say to have ended; undefined while it lives. */
  readonly diedAt: number | undefined;
  /** Whether the stats connection had told of it. */
  readonly isKnown: boolean;
  readonly clock: Clock;
}

const NOTHING = { receivedPackets: 0, receivedBytes: 0, sentPackets: 0, sentBytes: 0 };

/**
 * What can be said for sure of an allocation that the log tells of. Counts that are not complete add nothing to what
 * the stats connection told; an allocation that it had not told of is left out then. Undefined: left out, or open.
 */
export function recoveredFrom(logged: LoggedAllocation, context: RecoveredContext): RecoveredAllocation | undefined {
  const { life, origin, diedAt, isKnown, clock } = context;
  const { high, low, realm, username, beganAt, complete, ended } = logged;
  const endedAt = ended ? monotonicOf(ended.at, life, clock) : diedAt;
  if (endedAt === undefined || (!complete && !isKnown)) return undefined;
  return {
    origin,
    high,
    low,
    realm,
    username,
    beganAt: Math.min(beganAt ? monotonicOf(beganAt, life, clock) : endedAt, endedAt),
    endedAt,
    client: complete ? logged.client : NOTHING,
    peer: complete ? logged.peer : NOTHING,
    reason: ended ? closeReasonOf(ended.reason) : 'lost',
    estimated: !ended || !complete,
  };
}

function closeReasonOf(reason: LogCloseReason): CloseReason {
  return reason === 'forced' ? 'forced' : 'closed';
}

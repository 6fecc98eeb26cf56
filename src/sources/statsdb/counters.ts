import { SourceCounters } from '../source-counters';
import { ALLOCATION_EVENTS } from '../stats-events';

const EVENT_KINDS = ['heartbeat', ...ALLOCATION_EVENTS] as const;
type EventKind = (typeof EVENT_KINDS)[number];

/**
 * Why something was not taken. `unknown_allocation` is normal: coturn reports also clients that never got an
 * allocation. The connection is closed for the first six.
 */
const REJECT_REASONS = [
  'malformed',
  'oversized',
  'unauthenticated',
  'wrong_password',
  'slow_reader',
  'too_many_connections',
  'unknown_command',
  'unknown_channel',
  'unknown_allocation',
  'full',
] as const;
export type RejectReason = (typeof REJECT_REASONS)[number];

export type StatsdbCounters = SourceCounters<EventKind, RejectReason>;

export function createStatsdbCounters(): StatsdbCounters {
  return new SourceCounters('statsdb', EVENT_KINDS, REJECT_REASONS);
}

import { SourceCounters } from '../source-counters';
import { ALLOCATION_EVENTS, type AllocationEvent } from '../stats-events';

/**
 * Why something was not taken. `unknown_allocation` is normal: coturn reports also clients that never got an
 * allocation. `other_server`: not one of `sources.redis.servers`. `ambiguous`: totals that fit two allocations.
 */
const REJECT_REASONS = [
  'malformed',
  'oversized',
  'unknown_channel',
  'unknown_allocation',
  'other_server',
  'ambiguous',
  'full',
] as const;
type RejectReason = (typeof REJECT_REASONS)[number];

export type RedisCounters = SourceCounters<AllocationEvent, RejectReason>;

export function createRedisCounters(): RedisCounters {
  return new SourceCounters('redis', ALLOCATION_EVENTS, REJECT_REASONS);
}

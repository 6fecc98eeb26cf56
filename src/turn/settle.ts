import type { LegCounts } from './counts';

const WRAP = 2 ** 32;

/** What coturn's total of the client leg has more than the differences told: they were lost on the way. 64-bit in coturn. */
export function clientGap(told: LegCounts, total: LegCounts): LegCounts {
  return {
    receivedPackets: Math.max(0, total.receivedPackets - told.receivedPackets),
    receivedBytes: Math.max(0, total.receivedBytes - told.receivedBytes),
    sentPackets: Math.max(0, total.sentPackets - told.sentPackets),
    sentBytes: Math.max(0, total.sentBytes - told.sentBytes),
  };
}

/**
 * The same for the peer leg, whose totals coturn keeps in 32 bits: `(total - told) mod 2^32`, and of the values that
 * are congruent to it the one nearest to what the client leg lost the other way round, since a relay passes on what it
 * receives. So a gap above 4 GiB comes out right, and a sum that is ahead of the total does not become one.
 */
export function peerGap(told: LegCounts, total: LegCounts, lostByClient: LegCounts | undefined): LegCounts {
  return {
    receivedPackets: unwrap(total.receivedPackets - told.receivedPackets, lostByClient?.sentPackets),
    receivedBytes: unwrap(total.receivedBytes - told.receivedBytes, lostByClient?.sentBytes),
    sentPackets: unwrap(total.sentPackets - told.sentPackets, lostByClient?.receivedPackets),
    sentBytes: unwrap(total.sentBytes - told.sentBytes, lostByClient?.receivedBytes),
  };
}

function unwrap(difference: number, expected: number | undefined): number {
  if (difference === 0 && (expected ?? 0) < WRAP / 2) return 0;
  const gap = ((difference % WRAP) + WRAP) % WRAP;
  if (expected === undefined) return gap;
  return Math.max(0, gap + WRAP * Math.round((expected - gap) / WRAP));
}

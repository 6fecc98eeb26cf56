import type { LegCounts } from './counts';

const WRAP = 2 ** 32;

/** What coturn's total of the client leg has more than the differences told: they were lost on the way. 64-bit in coturn. */
export function clientGap(sum: LegCounts, total: LegCounts): LegCounts {
  return combine(sum, total, (told, whole) => Math.max(0, whole - told));
}

/**
 * The same for the peer leg, whose totals coturn keeps in 32 bits: `(total - sum) mod 2^32`, and of the values that
 * are congruent to it the one nearest to what the client leg lost the other way round, since a relay passes on what it
 * receives. So a gap above 4 GiB comes out right, and a sum that is ahead of the total does not become one.
 */
export function peerGap(sum: LegCounts, total: LegCounts, lostByClient: LegCounts | undefined): LegCounts {
  const mirrored = lostByClient && mirror(lostByClient);
  return combine(sum, total, (told, whole, key) => unwrap(told, whole, mirrored?.[key]));
}

function unwrap(told: number, whole: number, expected: number | undefined): number {
  const gap = (((whole - told) % WRAP) + WRAP) % WRAP;
  if (expected === undefined) return gap;
  return Math.max(0, gap + WRAP * Math.round((expected - gap) / WRAP));
}

function mirror(counts: LegCounts): LegCounts {
  return {
    receivedPackets: counts.sentPackets,
    receivedBytes: counts.sentBytes,
    sentPackets: counts.receivedPackets,
    sentBytes: counts.receivedBytes,
  };
}

function combine(
  sum: LegCounts,
  total: LegCounts,
  gap: (told: number, whole: number, key: keyof LegCounts) => number,
): LegCounts {
  return {
    receivedPackets: gap(sum.receivedPackets, total.receivedPackets, 'receivedPackets'),
    receivedBytes: gap(sum.receivedBytes, total.receivedBytes, 'receivedBytes'),
    sentPackets: gap(sum.sentPackets, total.sentPackets, 'sentPackets'),
    sentBytes: gap(sum.sentBytes, total.sentBytes, 'sentBytes'),
  };
}

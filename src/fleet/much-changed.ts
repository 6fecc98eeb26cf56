import type { RelayNode } from './relay-node';

const MEGABITS = { least: 10, part: 0.1 };
const ALLOCATIONS = { least: 10, part: 0.1 };

/**
 * Whether others should know at once, and not with the next regular update: whether the relay takes calls, how it is
 * reached, or by a tenth and at least 10 Mbps or 10 allocations its room, or what its agent has reserved.
 */
export function hasMuchChanged(before: RelayNode, now: RelayNode): boolean {
  return (
    before.ready !== now.ready ||
    before.draining !== now.draining ||
    before.restAddr !== now.restAddr ||
    before.uris.join() !== now.uris.join() ||
    isFar(before.freeTraffic, now.freeTraffic, MEGABITS) ||
    isFar(sumOf(before.reserved), sumOf(now.reserved), MEGABITS) ||
    isFar(before.allocations ?? 0, now.allocations ?? 0, ALLOCATIONS)
  );
}

function sumOf(reserved: RelayNode['reserved']): number {
  return Object.values(reserved).reduce((sum, mbps) => sum + mbps, 0);
}

function isFar(before: number, now: number, { least, part }: { least: number; part: number }): boolean {
  return Math.abs(now - before) >= Math.max(least, part * Math.max(before, now));
}

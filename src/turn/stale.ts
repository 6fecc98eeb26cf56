import type { Allocations } from './allocations';
import type { Origins } from './origins';

/** coturn's `max-allocate-lifetime` unless configured: no allocation goes longer without a Refresh. */
export const MAX_LIFETIME_MS = 3_600_000;
/** coturn ends an allocation within seconds of its lifetime; by then its `deleted` was lost. */
const STALE_GRACE_MS = 60_000;
const ROWS_A_SWEEP = 20_000;

/** Finds allocations that are far beyond their lifetime: they are gone, though nobody said so. */
export class StaleSweep {
  private from = 0;

  constructor(
    private readonly allocations: Allocations,
    private readonly origins: Origins,
  ) {}

  /** Those among some rows, other ones each time. */
  *next(now: number): Generator<number> {
    const { table } = this.allocations;
    const until = Math.min(table.end, this.from + ROWS_A_SWEEP);
    for (let slot = this.from; slot < until; slot++) {
      if (this.allocations.isOpen(slot) && this.isStale(slot, now)) yield slot;
    }
    this.from = until >= table.end ? 0 : until;
  }

  private isStale(slot: number, now: number): boolean {
    const { table } = this.allocations;
    const heardSince = this.origins.heardSince(table.originOf(slot));
    if (heardSince === undefined) return false;
    return now > (table.expiresAt[slot] ?? 0) + STALE_GRACE_MS && now > heardSince + MAX_LIFETIME_MS;
  }
}

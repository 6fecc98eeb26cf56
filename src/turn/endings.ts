import { CLOSING, FORCED, RELEASED } from './allocation-table';
import type { Allocations } from './allocations';
import { ClosingAllocations, hasTotals, isSettled, type Closing } from './closing';
import { COUNTS_PER_ROW, isZero, PEER_LEG, readCounts, type Leg, type LegCounts } from './counts';
import type { CloseReason } from './fact';
import { Graveyard } from './graveyard';
import { clientGap, peerGap } from './settle';

/** coturn sends an allocation's last messages together; what has not come by then was lost. */
const GRACE_MS = 5_000;
/** coturn's timers have a resolution of a second. */
const EXPIRY_SLACK_MS = 1_500;

/** How and when an allocation ended. */
interface Conclusion {
  readonly reason: CloseReason;
  readonly endedAt: number;
  readonly estimated: boolean;
}

/** How allocations end: with coturn's totals, which settle what they carried, or without. */
export class Endings {
  /** Whatever ends from now on does so because it was asked for. */
  isForced = false;
  private readonly closing = new ClosingAllocations();
  private readonly graveyard = new Graveyard(GRACE_MS);

  constructor(private readonly allocations: Allocations) {}

  /** Whether the leg's totals have come, so that a difference which follows is in them already. */
  isSettled(slot: number, leg: Leg): boolean {
    if (!this.allocations.table.has(slot, CLOSING)) return false;
    return isSettled(this.closing.get(slot), leg);
  }

  deleted(slot: number, now: number): void {
    const closing = this.begin(slot, now);
    closing.deletedAt ??= now;
    if (hasTotals(closing)) this.finish(slot, now);
  }

  totals(slot: number, leg: Leg, totals: LegCounts, now: number): void {
    const closing = this.begin(slot, now);
    if (isSettled(closing, leg)) return;
    const told = readCounts(this.allocations.table.counts, slot * COUNTS_PER_ROW, leg);
    const gap = leg === PEER_LEG ? peerGap(told, totals, closing.client) : clientGap(told, totals);
    if (!isZero(gap)) this.allocations.settle(slot, leg, gap, now);
    closing[leg === PEER_LEG ? 'peer' : 'client'] = gap;
    if (closing.deletedAt !== undefined && hasTotals(closing)) this.finish(slot, now);
  }

  /** It ended at `at` without a word from coturn. One that was closing ends as it would have. */
  lose(slot: number, reason: CloseReason, now: number, at = now): void {
    if (this.closing.get(slot)) this.finish(slot, now);
    else this.end(slot, reason, at, true, now);
  }

  /** It ended at `at`, as somebody else than the stats connection says. */
  conclude(slot: number, { reason, endedAt, estimated }: Conclusion, now: number): void {
    this.end(slot, reason, endedAt, estimated, now);
  }

  /** Its id was given to another allocation. */
  supersede(slot: number, now: number): void {
    if (this.allocations.isOpen(slot)) this.lose(slot, 'superseded', now);
    this.graveyard.dig(slot);
    this.allocations.forget(slot);
  }

  advance(now: number): void {
    for (const slot of this.closing.before(now - GRACE_MS)) this.finish(slot, now);
    for (const slot of this.graveyard.due(now)) this.allocations.forget(slot);
  }

  private begin(slot: number, now: number): Closing {
    this.allocations.table.set(slot, CLOSING);
    return this.closing.begin(slot, now);
  }

  private finish(slot: number, now: number): void {
    const closing = this.closing.get(slot);
    const at = closing?.deletedAt ?? closing?.since ?? now;
    this.end(slot, this.reasonOf(slot, at), at, !hasTotals(closing), now);
  }

  private end(slot: number, reason: CloseReason, at: number, estimated: boolean, now: number): void {
    this.closing.end(slot);
    this.allocations.end(slot, reason, at, estimated);
    this.graveyard.bury(slot, now);
  }

  private reasonOf(slot: number, at: number): CloseReason {
    const { table } = this.allocations;
    if (this.isForced || table.has(slot, FORCED)) return 'forced';
    if (table.has(slot, RELEASED)) return 'client';
    return at >= (table.expiresAt[slot] ?? 0) - EXPIRY_SLACK_MS ? 'expired' : 'closed';
  }
}

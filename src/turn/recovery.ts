import { KEPT } from './allocation-table';
import { UNKNOWN_ENDPOINT, type Allocations } from './allocations';
import { CLIENT_LEG, COUNTS_PER_ROW, isZero, PEER_LEG, readCounts, type Leg, type LegCounts } from './counts';
import type { Endings } from './endings';
import type { AllocationId, Principal } from './event';
import type { CloseReason } from './fact';
import type { Sessions } from './sessions';
import { clientGap } from './settle';

/** An allocation whose end was told to nobody, as coturn's log has it. Times are those of the relay's clock. */
export interface RecoveredAllocation extends AllocationId, Principal {
  readonly beganAt: number;
  readonly endedAt: number;
  /** All that it carried. */
  readonly client: LegCounts;
  readonly peer: LegCounts;
  readonly reason: CloseReason;
  /** coturn died before it could give the last counts. */
  readonly estimated: boolean;
}

/** Puts allocations that ended unseen where they belong: into the session of their user that was open then, or one of their own. */
export class Recovery {
  constructor(
    private readonly allocations: Allocations,
    private readonly sessions: Sessions,
    private readonly endings: Endings,
  ) {}

  /** Gives how many were left out, because the stats connection had told of another user. */
  apply(recovered: readonly RecoveredAllocation[], now: number): number {
    let contradicted = 0;
    const early = new Map<number, RecoveredAllocation[]>();
    for (const one of [...recovered].sort((a, b) => a.beganAt - b.beganAt)) {
      const slot = this.allocations.table.find(one.origin, one.high, one.low);
      if (slot === -1) this.place(one, early, now);
      else if (this.allocations.isOf(slot, one)) this.conclude(slot, one, now);
      else contradicted++;
    }
    for (const [user, ones] of early) {
      this.sessions.apart(user, now, () => {
        for (const one of ones) this.add(one, now);
      });
    }
    return contradicted;
  }

  /** One that is still taken for open; of one that has ended everything is known. */
  private conclude(slot: number, one: RecoveredAllocation, now: number): void {
    if (!this.allocations.isOpen(slot)) return;
    this.settle(slot, CLIENT_LEG, one.client, one.endedAt);
    this.settle(slot, PEER_LEG, one.peer, one.endedAt);
    this.endings.conclude(slot, one, now);
  }

  private settle(slot: number, leg: Leg, total: LegCounts, at: number): void {
    const gap = clientGap(readCounts(this.allocations.table.counts, slot * COUNTS_PER_ROW, leg), total);
    if (isZero(gap)) return;
    this.allocations.settle(slot, leg, gap, at);
    this.sessions.markRecovered(this.allocations.table.session[slot] ?? 0);
  }

  private place(one: RecoveredAllocation, early: Map<number, RecoveredAllocation[]>, now: number): void {
    const user = this.allocations.existingUser(one.origin, one);
    if (user === -1 || !this.sessions.beganLater(user, one.endedAt)) this.add(one, now);
    else early.set(user, [...(early.get(user) ?? []), one]);
  }

  private add(one: RecoveredAllocation, now: number): void {
    const { table } = this.allocations;
    const slot = this.allocations.begin(one, one, UNKNOWN_ENDPOINT, one.beganAt);
    table.set(slot, KEPT);
    this.sessions.backdate(table.session[slot] ?? 0, one.beganAt);
    this.settle(slot, CLIENT_LEG, one.client, one.endedAt);
    this.settle(slot, PEER_LEG, one.peer, one.endedAt);
    this.sessions.markRecovered(table.session[slot] ?? 0);
    this.endings.conclude(slot, one, now);
  }
}

import { CLIENT_LEG, type Leg, type LegCounts } from './counts';

/** An allocation between the first word of its end and the last: coturn sends `deleted`, then the totals of each leg. */
export interface Closing {
  /** When the first word of it came. */
  readonly since: number;
  deletedAt: number | undefined;
  /** What the differences had left out; undefined until the leg's totals come. */
  client: LegCounts | undefined;
  peer: LegCounts | undefined;
}

/** The allocations that are closing, oldest first. */
export class ClosingAllocations {
  private readonly bySlot = new Map<number, Closing>();

  get(slot: number): Closing | undefined {
    return this.bySlot.get(slot);
  }

  begin(slot: number, now: number): Closing {
    const known = this.bySlot.get(slot);
    if (known) return known;
    const closing: Closing = { since: now, deletedAt: undefined, client: undefined, peer: undefined };
    this.bySlot.set(slot, closing);
    return closing;
  }

  end(slot: number): void {
    this.bySlot.delete(slot);
  }

  /** The slots that began to close before `time`. */
  *before(time: number): Generator<number> {
    for (const [slot, closing] of this.bySlot) {
      if (closing.since >= time) return;
      yield slot;
    }
  }
}

/** Whether coturn gave the totals of both legs. */
export function hasTotals(closing: Closing | undefined): boolean {
  return closing?.client !== undefined && closing.peer !== undefined;
}

/** Whether the leg's totals have come: nothing of the leg can follow that they do not hold. */
export function isSettled(closing: Closing | undefined, leg: Leg): boolean {
  return (leg === CLIENT_LEG ? closing?.client : closing?.peer) !== undefined;
}

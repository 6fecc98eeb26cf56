interface Grave {
  readonly slot: number;
  readonly until: number;
}

/** The slots of allocations that ended a moment ago, in the order of time. */
export class Graveyard {
  private readonly graves: (Grave | undefined)[] = [];
  private head = 0;

  constructor(private readonly restMs: number) {}

  bury(slot: number, now: number): void {
    this.graves.push({ slot, until: now + this.restMs });
  }

  /** The slot is wanted at once, because its allocation id was given again. Rare, so that a search will do. */
  dig(slot: number): void {
    const at = this.graves.findLastIndex((grave) => grave?.slot === slot);
    if (at !== -1) this.graves[at] = undefined;
  }

  /** The slots whose time is over; they are here no more. */
  due(now: number): number[] {
    const slots: number[] = [];
    for (; this.head < this.graves.length; this.head++) {
      const grave = this.graves[this.head];
      if (grave && grave.until > now) break;
      if (grave) slots.push(grave.slot);
    }
    this.graves.splice(0, this.head);
    this.head = 0;
    return slots;
  }
}

/** Counts by name in intervals of one length. No timer: the time of each call says which interval it falls in. */
export class IntervalCounts<Name extends string> {
  private interval = -1;
  private current: Record<Name, number>;
  private last: Record<Name, number>;

  constructor(
    private readonly names: readonly Name[],
    private readonly intervalMs: number,
  ) {
    this.current = this.zeros();
    this.last = this.zeros();
  }

  /** `now` is milliseconds of a clock that never steps. */
  add(name: Name, now: number): void {
    this.roll(now);
    this.current[name]++;
  }

  /** What was added in the last interval that is over at `now`. */
  lastWhole(now: number): Readonly<Record<Name, number>> {
    this.roll(now);
    return this.last;
  }

  private roll(now: number): void {
    const interval = Math.floor(now / this.intervalMs);
    if (interval === this.interval) return;
    this.last = interval === this.interval + 1 ? this.current : this.zeros();
    this.current = this.zeros();
    this.interval = interval;
  }

  private zeros(): Record<Name, number> {
    return Object.fromEntries(this.names.map((name) => [name, 0])) as Record<Name, number>;
  }
}

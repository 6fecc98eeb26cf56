/** A time on the clock of `performance.now()`. */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

/**
 * When something was away, from just before to when all is as before: what happened then may have been told to nobody.
 */
export class Absences {
  private readonly intervals: Interval[] = [];
  private since: number | undefined;

  constructor(
    /** How much before it went away something may have been lost with it, milliseconds. */
    private readonly beforeMs: number,
    /** How long it takes until all is as before. */
    private readonly afterMs: number,
  ) {}

  isAway(): void {
    this.since ??= performance.now();
  }

  isBack(): void {
    if (this.since === undefined) return;
    this.intervals.push({ from: this.since - this.beforeMs, to: performance.now() + this.afterMs });
    this.since = undefined;
  }

  /** A moment's absence. */
  blink(): void {
    this.isAway();
    this.isBack();
  }

  touch(from: number, to: number): boolean {
    const now = this.since === undefined ? [] : [{ from: this.since - this.beforeMs, to: Infinity }];
    return [...this.intervals, ...now].some((interval) => interval.from <= to && interval.to >= from);
  }
}

const WINDOW_MS = 60_000;
const PER_WINDOW = 20;

/**
 * Anybody can be refused as often as they like. Were each refusal written, strangers could push what was done out of a log
 * that keeps only so much.
 */
export class RefusalQuota {
  private began = -Infinity;
  private written = 0;
  private leftOut = 0;

  /** `now`: monotonic milliseconds. How many were left out before this one; undefined: this one is to be left out too. */
  admit(now: number): number | undefined {
    if (now - this.began >= WINDOW_MS) {
      this.began = now;
      this.written = 0;
    }
    if (this.written === PER_WINDOW) {
      this.leftOut++;
      return undefined;
    }
    this.written++;
    const { leftOut } = this;
    this.leftOut = 0;
    return leftOut;
  }
}

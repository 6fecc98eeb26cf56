import { doubtfulBytesAfter } from './log-doubt';
import { parseLogHeader } from './log-header';

/** Tells, line by line, which lines of a log only coturn can have written. */
export class LogTrust {
  private doubtful: number;

  /** `doubtfulBytes`: how many of the first bytes to come a client may have written. */
  constructor(doubtfulBytes = 0) {
    this.doubtful = doubtfulBytes;
  }

  /** How many of the bytes to come a client may have written. */
  get doubtfulBytes(): number {
    return this.doubtful;
  }

  /** Whether to believe the next line. `bytes` is its length with its end, and with what was cut off from `line`. */
  believes(line: string, bytes: number): boolean {
    const believed = this.doubtful === 0;
    const opened = doubtfulBytesAfter(line, bytes);
    const closed = opened > 0 && believed && parseLogHeader(line)?.oneLine === true;
    this.doubtful = Math.max(0, this.doubtful - bytes, closed ? 0 : opened);
    return believed;
  }

  /** Reading goes on where a record begins, or where it had got to earlier. */
  goOn(doubtfulBytes = 0): void {
    this.doubtful = doubtfulBytes;
  }
}

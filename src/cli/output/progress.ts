import type { Clock } from '../../lib/clock';
import { bytes, count } from '../text/human';
import type { RecordCounter } from './record-counter';

const EVERY_MS = 1000;
/** ECMA-48: to the first column, and erase to the end of the line. */
export const CLEAR_LINE = '\r\u001b[K';

/** A line that says each second how far an export is, from its first second on, until `stop`. */
export class Progress {
  private readonly ended = new AbortController();
  private readonly startedAt: number;
  private shown = false;

  constructor(
    private readonly counter: RecordCounter,
    private readonly write: (text: string) => void,
    private readonly clock: Clock,
  ) {
    this.startedAt = clock.monotonic();
  }

  start(): void {
    const draw = (): void => {
      this.shown = true;
      this.write(`${CLEAR_LINE}${this.text()}`);
    };
    this.clock.every(EVERY_MS, draw, this.ended.signal, () => undefined);
  }

  stop(): void {
    this.ended.abort();
    if (this.shown) this.write(CLEAR_LINE);
  }

  private text(): string {
    const { records, bytes: size } = this.counter;
    const seconds = (this.clock.monotonic() - this.startedAt) / 1000;
    return `${count(records)} records, ${bytes(size)}, ${count(records / seconds)} records/s`;
  }
}

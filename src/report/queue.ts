import type { Report } from './report';

const MAX_REPORTS_IN_BATCH = 50;
/** Below the 16 KiB that the agent takes. */
const MAX_BATCH_BYTES = 15_000;

/** Reports that wait to be sent, as JSON texts. Bounded: what comes while it is full is refused. */
export class ReportQueue {
  private readonly waiting: string[] = [];

  constructor(private readonly limit: number) {}

  get size(): number {
    return this.waiting.length;
  }

  /** False where there is no room for it, or it can't be sent at all. */
  add(report: Report): boolean {
    const text = textOf(report);
    if (text === undefined || Buffer.byteLength(text) >= MAX_BATCH_BYTES || this.size >= this.limit) return false;
    this.waiting.push(text);
    return true;
  }

  /** The oldest, as many as fit into one request; they stay until they are removed. */
  batch(): readonly string[] {
    let bytes = 0;
    const end = this.waiting.findIndex((text, index) => {
      bytes += Buffer.byteLength(text) + 1;
      return index === MAX_REPORTS_IN_BATCH || bytes > MAX_BATCH_BYTES;
    });
    return this.waiting.slice(0, end === -1 ? this.size : end);
  }

  /** Takes this many of the oldest away. */
  remove(count: number): void {
    this.waiting.splice(0, count);
  }
}

/** undefined for what no JSON can hold: a caller in JavaScript may give anything. */
function textOf(report: Report): string | undefined {
  try {
    return JSON.stringify(report);
  } catch {
    return undefined; // such as a cycle: the caller sees it in `dropped`
  }
}

import { parseAllocationLine } from '../coturn/log-allocation';
import { AllocationSums, type LeftOut, type LoggedAllocation } from '../coturn/log-allocation-sums';
import type { LogSession } from '../coturn/log-line';
import type { LogPlace, LogPosition } from '../coturn/log-place';
import { LogTrust } from '../coturn/log-trust';
import { LineCutter, MAX_LINE } from './log-lines';
import type { OpenLogFile } from './log-open';
import { closeLogFiles, openLogFiles, segmentsOf, type LogSegment } from './log-segments';

/** One read: less than a millisecond of parsing between two turns of the event loop. */
const READ_BYTES = 64 * 1024;
const MAX_ALLOCATIONS = 100_000;

/** What of the log to read: one life of coturn, for ids begin anew with each. */
export interface LogScanOptions {
  readonly path: string;
  /** How many rotated files are kept: `path.1` (the newest) and so on. */
  readonly keep: number;
  /** Where the life began; undefined: with the oldest file. Where its file is gone, with the oldest that is there. */
  readonly from: LogPosition | undefined;
  /** Where the next life began; undefined: this is the last one. Where its file is gone, nothing is left to be read. */
  readonly until: LogPlace | undefined;
  /** Which allocations to add up, by their ids. */
  readonly wanted: (session: LogSession) => boolean;
  /** Also give the allocations that began here or later, and that no line says to have ended. */
  readonly newSince?: LogPlace | undefined;
  /** How many allocations to hold at a time; those beyond are counted. */
  readonly limit?: number;
  readonly signal: AbortSignal;
}

export interface LogScan {
  readonly allocations: readonly LoggedAllocation[];
  readonly leftOut: LeftOut;
  /** How much was read. */
  readonly bytes: number;
}

/**
 * Adds up what the log tells of allocations. Only lines that no client can have written count. Throws a `UserError` when
 * a file can't be read, and the signal's reason; a log that is not there tells of nothing.
 */
export async function scanLog(options: LogScanOptions): Promise<LogScan> {
  const { path, keep, from, until, newSince, wanted, limit = MAX_ALLOCATIONS, signal } = options;
  const files = await openLogFiles(path, keep);
  try {
    const scanner = new Scanner(new AllocationSums({ wanted, limit }));
    for (const segment of segmentsOf(files, { from, until, since: newSince })) await scanner.read(segment, signal);
    return scanner.finish();
  } finally {
    await closeLogFiles(files);
  }
}

class Scanner {
  private bytes = 0;
  /** Where the next line begins, and from where on lines are past `newSince`. */
  private offset = 0;
  private sinceOffset = Infinity;
  private isSought = false;
  private readonly trust = new LogTrust();
  private readonly buffer = Buffer.allocUnsafe(READ_BYTES);
  private readonly lines = new LineCutter(MAX_LINE, (line, bytes) => {
    this.onLine(line, bytes);
  });

  private readonly isOfInterest = (session: LogSession, begins: boolean): boolean =>
    (begins && this.isSought) || this.sums.concerns(session);

  constructor(private readonly sums: AllocationSums) {}

  async read(segment: LogSegment<OpenLogFile>, signal: AbortSignal): Promise<void> {
    const { file, start, end, doubtfulBytes, sinceOffset } = segment;
    this.offset = start;
    this.sinceOffset = sinceOffset;
    // A file begins with a record, and so does coturn's next life.
    this.trust.goOn(doubtfulBytes);
    for (let at = start; at < end;) {
      signal.throwIfAborted();
      const { bytesRead } = await file.handle.read(this.buffer, 0, Math.min(READ_BYTES, end - at), at);
      if (bytesRead === 0) break;
      at += bytesRead;
      this.bytes += bytesRead;
      this.lines.push(this.buffer.toString('latin1', 0, bytesRead));
    }
    this.lines.finish();
  }

  finish(): LogScan {
    return { allocations: this.sums.finish(), leftOut: this.sums.leftOut, bytes: this.bytes };
  }

  private onLine(line: string, bytes: number): void {
    this.isSought = this.offset >= this.sinceOffset;
    this.offset += bytes;
    // Of a line that is not whole, the last number may have lost digits.
    const isWhole = bytes === line.length + 1;
    const isBelieved = this.trust.believes(line, bytes) && isWhole;
    const told = parseAllocationLine(line, this.isOfInterest);
    if (!told) return;
    if (isBelieved) this.sums.add(told, this.isSought);
    else this.sums.doubt(told);
  }
}

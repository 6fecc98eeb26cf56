import { LogCounts } from '../coturn/log-counts';
import { LogReader, type LogEvent } from '../coturn/log-reader';
import type { Clock } from '../lib/clock';
import { messageOf } from '../lib/errors';
import type { Logger } from '../lib/logger';
import type { Service } from '../lib/services';
import { LogFile, type LogPosition } from './log-file';
import { LineCutter } from './log-lines';

const POLL_MS = 500;
/** One read: a few milliseconds of parsing between two turns of the event loop. */
const READ_BYTES = 64 * 1024;
/** At most so much a poll: a log that grows faster than 16 MB a second falls behind, and is caught up with later. */
const POLL_BYTES = 8 * 1024 * 1024;
/** coturn's records have at most 1024 bytes; 4.6.1 joins those that it had to cut. */
const MAX_LINE = 4096;

export interface LogTailOptions {
  readonly path: string;
  /** Where an earlier agent stopped reading; without it the log is read from now on. */
  readonly from?: LogPosition;
  /** Sees every event that is not only counted; must not throw. */
  readonly onEvent?: (event: LogEvent) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Follows coturn's log and counts what it tells. A log that can't be read is said once, and tried again at each poll. */
export class LogTail implements Service {
  readonly name = 'log';
  readonly counts = new LogCounts();
  private readonly file: LogFile;
  private readonly reader = new LogReader();
  private readonly lines: LineCutter;
  private readonly buffer = Buffer.allocUnsafe(READ_BYTES);
  private readonly ended = new AbortController();
  private polling: Promise<void> = Promise.resolve();
  private trouble: string | undefined;

  constructor(private readonly options: LogTailOptions) {
    this.file = new LogFile(options.path, options.from);
    this.lines = new LineCutter(MAX_LINE, (line, bytes) => {
      this.onLine(line, bytes);
    });
  }

  /** Why the log can't be read, as a sentence; undefined while it can. */
  get problem(): string | undefined {
    return this.trouble;
  }

  get position(): LogPosition | undefined {
    return this.file.position;
  }

  async start(): Promise<void> {
    const { clock } = this.options;
    await this.poll();
    clock.every(
      POLL_MS,
      () => this.poll(),
      this.ended.signal,
      (error) => {
        this.note(messageOf(error));
      },
    );
  }

  async stop(): Promise<void> {
    this.ended.abort();
    await this.polling;
    await this.file.close();
  }

  private poll(): Promise<void> {
    this.polling = this.readOn().then(
      () => {
        this.note(undefined);
      },
      (error: unknown) => {
        this.note(messageOf(error));
      },
    );
    return this.polling;
  }

  private async readOn(): Promise<void> {
    for (let left = POLL_BYTES; left > 0 && !this.ended.signal.aborted;) {
      const chunk = await this.file.read(this.buffer);
      if (chunk.kind === 'end') {
        // coturn writes each record with one write, so that a whole line at the end is the end of a record.
        if (this.lines.isBetweenLines) this.reader.beginRecord();
        return;
      }
      if (chunk.kind === 'restart') this.restart();
      else {
        left -= chunk.data.length;
        this.counts.bytes += chunk.data.length;
        this.lines.push(chunk.data.toString('latin1'));
      }
    }
  }

  private restart(): void {
    this.lines.finish();
    this.reader.beginRecord();
  }

  private onLine(line: string, bytes: number): void {
    const { counts, options } = this;
    counts.lines++;
    const event = this.reader.read(line, bytes, options.clock.now());
    if (bytes > MAX_LINE + 1) counts.ignored.too_long++;
    else if (event) {
      counts.add(event);
      options.onEvent?.(event);
    }
  }

  private note(problem: string | undefined): void {
    if (problem === this.trouble) return;
    const { path, logger } = this.options;
    this.trouble = problem;
    if (problem === undefined) logger.info({ path }, "coturn's log can be read again");
    else logger.warn({ path, problem }, "coturn's log can't be read");
  }
}

import { LogCounts } from '../coturn/log-counts';
import type { LogFileId, LogPlace, LogPosition } from '../coturn/log-place';
import { LogReader, type LogEvent } from '../coturn/log-reader';
import type { Clock } from '../lib/clock';
import { messageOf } from '../lib/errors';
import type { Logger } from '../lib/logger';
import type { Service } from '../lib/services';
import { LogFile, type LogChunk } from './log-file';
import { LifeMarks } from './log-life-marks';
import { LineCutter, MAX_LINE } from './log-lines';

const POLL_MS = 500;
/** One read: a few milliseconds of parsing between two turns of the event loop. */
const READ_BYTES = 64 * 1024;
/** At most so much a poll: a log that grows faster than 16 MB a second falls behind, and is caught up with later. */
const POLL_BYTES = 8 * 1024 * 1024;

/** Where the line of an event begins. */
export interface EventPlace extends LogPosition {
  /** The life of coturn that wrote it; undefined before the first mark. */
  readonly life: number | undefined;
}

export interface LogTailOptions {
  readonly path: string;
  /** How many rotated files are kept: `path.1` (the newest) and so on. They are read where `from` is in them. */
  readonly keep?: number;
  /** Where an earlier agent stopped reading; without it the log is read from now on. */
  readonly from?: LogPosition;
  /** Sees every event that is not only counted; must not throw. */
  readonly onEvent?: (event: LogEvent, place: EventPlace) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Follows coturn's log and counts what it tells. A log that can't be read is said once, and tried again at each poll. */
export class LogTail implements Service {
  readonly name = 'log';
  readonly counts = new LogCounts();
  private readonly file: LogFile;
  private readonly reader = new LogReader();
  private readonly marks = new LifeMarks();
  private readonly lines: LineCutter;
  private readonly buffer = Buffer.allocUnsafe(READ_BYTES);
  private readonly ended = new AbortController();
  private polling: Promise<void> = Promise.resolve();
  private trouble: string | undefined;
  private caughtUp: number | undefined;
  /** The file that is being read, and where in it the next line begins. */
  private at: LogFileId | undefined;
  private offset = 0;

  constructor(private readonly options: LogTailOptions) {
    this.file = new LogFile(options.path, options.keep ?? 0, options.from);
    this.at = options.from;
    this.offset = options.from?.offset ?? 0;
    this.reader.goOn(options.from?.doubtfulBytes);
    this.lines = new LineCutter(MAX_LINE, (line, bytes) => {
      this.onLine(line, bytes);
    });
  }

  /** Why the log can't be read, as a sentence; undefined while it can. */
  get problem(): string | undefined {
    return this.trouble;
  }

  /** The end of the last line that was read: a later agent can go on here. undefined before the first read. */
  get position(): LogPosition | undefined {
    return this.at && placeIn(this.at, this.offset, this.reader.doubtfulBytes);
  }

  /** Every record that coturn had written by then (monotonic milliseconds) has been read. undefined: never yet. */
  get caughtUpAt(): number | undefined {
    return this.caughtUp;
  }

  /**
   * Lines from `place` on belong to this life of coturn. To be called before a life can write, in the order of lives;
   * before `start` for those that began earlier.
   */
  mark(life: number, place: LogPlace): void {
    this.marks.mark(life, place);
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
      const at = this.options.clock.monotonic();
      const chunk = await this.file.read(this.buffer);
      if (chunk.kind === 'rotating') return;
      if (chunk.kind === 'end') {
        this.rest(at);
        return;
      }
      if (chunk.kind === 'moved') this.move(chunk);
      else {
        left -= chunk.data.length;
        this.counts.bytes += chunk.data.length;
        this.lines.push(chunk.data.toString('latin1'));
      }
    }
  }

  private rest(at: number): void {
    this.caughtUp = at;
    // coturn writes each record with one write, so that a whole line at the end is the end of a record.
    if (this.lines.isBetweenLines) this.reader.goOn();
  }

  private move({ to, newer }: LogChunk & { readonly kind: 'moved' }): void {
    this.lines.finish();
    this.reader.goOn(to.doubtfulBytes);
    this.marks.enter(to, newer);
    this.at = to;
    this.offset = to.offset;
  }

  private onLine(line: string, bytes: number): void {
    const { counts, options, offset } = this;
    const { doubtfulBytes } = this.reader;
    const life = this.marks.lifeAt(offset);
    counts.lines++;
    this.offset += bytes;
    const event = this.reader.read(line, bytes, options.clock.now());
    if (bytes > MAX_LINE + 1) counts.ignored.too_long++;
    else if (event) {
      counts.add(event);
      if (this.at) options.onEvent?.(event, { ...placeIn(this.at, offset, doubtfulBytes), life });
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

function placeIn({ inode, bornAt }: LogFileId, offset: number, doubtfulBytes: number): LogPosition {
  return { inode, bornAt, offset, doubtfulBytes };
}

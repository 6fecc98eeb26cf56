import type { Clock } from '../lib/clock';
import type { Logger } from '../lib/logger';
import type { Service } from '../lib/services';
import { auditLine, type AuditEntry } from './audit-entry';
import { appendLines } from './audit-file';
import { RefusalQuota } from './refusal-quota';

/** What was issued, rotated, revoked and refused: a line of JSON each. */
export interface AuditLog extends Service {
  readonly counts: AuditCounts;
  /** Returns at once and never throws: no request waits for the disk, or fails for it. */
  record(entry: AuditEntry): void;
}

interface AuditCounts {
  written: number;
  /** Lost, because the file could not be written for too long. */
  dropped: number;
  /** Refusals that were too many for a line each; the next refusal with a line says how many. */
  leftOut: number;
}

export interface AuditLogOptions {
  readonly file: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What waits for the disk, characters. */
const MAX_PENDING = 1024 * 1024;
const RETRY_MS = 5_000;
/** Between two writes: under load one for many lines, each at most so much later. */
const GATHER_MS = 20;

/** `stop` writes what is pending, or gives it up where that is not possible. */
export function createAuditLog(options: AuditLogOptions): AuditLog {
  return new FileAuditLog(options);
}

class FileAuditLog implements AuditLog {
  readonly name = 'audit log';
  readonly counts: AuditCounts = { written: 0, dropped: 0, leftOut: 0 };
  private readonly refusals = new RefusalQuota();
  private readonly pending: string[] = [];
  private pendingLength = 0;
  private writing: Promise<void> | undefined;
  private isFailing = false;
  private readonly ended = new AbortController();

  constructor(private readonly options: AuditLogOptions) {}

  start(): Promise<void> {
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.ended.abort();
    await this.writing;
  }

  record(entry: AuditEntry): void {
    const { clock } = this.options;
    const leftOut = entry.outcome === 'refused' ? this.refusals.admit(clock.monotonic()) : 0;
    if (leftOut === undefined) {
      this.counts.leftOut++;
      return;
    }
    const line = auditLine(entry, clock.now(), leftOut);
    if (this.pendingLength + line.length > MAX_PENDING) {
      this.counts.dropped++;
      return;
    }
    this.pending.push(line);
    this.pendingLength += line.length;
    this.writing ??= this.writeAll();
  }

  private async writeAll(): Promise<void> {
    while (this.pending.length > 0) {
      const isWritten = await this.writePending();
      if (!isWritten && this.ended.signal.aborted) this.counts.dropped += this.take(this.pending.length);
      else await this.pause(isWritten ? GATHER_MS : RETRY_MS);
    }
    this.writing = undefined;
  }

  private pause(ms: number): Promise<void> {
    return this.options.clock.sleep(ms, this.ended.signal).catch(() => undefined);
  }

  /** False where the file can't be written; the lines wait on. */
  private async writePending(): Promise<boolean> {
    const { length } = this.pending;
    try {
      await appendLines(this.options.file, this.pending.join(''));
    } catch (error) {
      this.failed(error);
      return false;
    }
    this.counts.written += this.take(length);
    this.recovered();
    return true;
  }

  /** Removes the first lines. */
  private take(count: number): number {
    for (const line of this.pending.splice(0, count)) this.pendingLength -= line.length;
    return count;
  }

  /** Said once, until it works again. */
  private failed(error: unknown): void {
    if (this.isFailing) return;
    this.isFailing = true;
    const { logger, file } = this.options;
    logger.error({ err: error, file }, 'the audit log can not be written: make room for it, or see who owns it');
  }

  private recovered(): void {
    if (!this.isFailing) return;
    this.isFailing = false;
    const { logger, file } = this.options;
    logger.info({ file, dropped: this.counts.dropped }, 'the audit log is written again');
  }
}

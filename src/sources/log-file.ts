import { isSameFile, type LogFileId, type LogPosition } from '../coturn/log-place';
import {
  logName,
  missing,
  openLogFile,
  stateOfNamed,
  stateOfOpen,
  type LogFileState,
  type OpenLogFile,
} from './log-open';

/** What a read gave. */
export type LogChunk =
  /** Bytes: a view of the buffer that was passed. */
  | { readonly kind: 'data'; readonly data: Buffer }
  /** All that is there has been read. */
  | { readonly kind: 'end' }
  /** The files were rotated just now: the next read will find out. */
  | { readonly kind: 'rotating' }
  /** Reading goes on here, in another file or again at the beginning of a truncated one; `newer` files are still to come. */
  | { readonly kind: 'moved'; readonly to: LogPosition; readonly newer: readonly LogFileId[] };

/**
 * A log file under a name, followed through rotation by rename (however often, as long as `keep` rotated files are
 * kept), truncation, deletion and new creation. Not followed: a file that was truncated and has grown past the old
 * offset between two reads (logrotate's `copytruncate` under load).
 */
export class LogFile {
  private current: OpenLogFile | undefined;
  /** How often it had been rotated when last looked at. */
  private age = 0;
  private offset = 0;
  private first = true;

  /** Starts at `from`; without it at the end of a file that is there, and at the beginning of one that comes later. */
  constructor(
    private readonly path: string,
    private readonly keep: number,
    private readonly from?: LogPosition,
  ) {}

  /** Throws a `UserError` when the file can't be read, or is gone and read to its end. */
  async read(buffer: Buffer): Promise<LogChunk> {
    const { current } = this;
    if (!current) return this.begin();
    const { bytesRead } = await current.handle.read(buffer, 0, buffer.length, this.offset);
    if (bytesRead === 0) return this.atEnd(current);
    this.offset += bytesRead;
    return { kind: 'data', data: buffer.subarray(0, bytesRead) };
  }

  async close(): Promise<void> {
    const { current } = this;
    this.current = undefined;
    await current?.handle.close();
  }

  private begin(): Promise<LogChunk> {
    const { first, from } = this;
    if (!first) return this.openNamed(0, 'start');
    return from ? this.resume(from) : this.openNamed(0, 'end');
  }

  private async resume(from: LogPosition): Promise<LogChunk> {
    const found = await this.find(from);
    // Where the file is gone, the oldest that is there came after it.
    if (!found) return this.openNamed(Math.max(0, await this.oldestAge()), 'start');
    this.first = false;
    const { file, age } = found;
    return this.moveTo(file, age, from.offset <= file.size ? from : atOffset(file, 0));
  }

  private async openNamed(age: number, at: 'start' | 'end'): Promise<LogChunk> {
    const file = await openLogFile(logName(this.path, age));
    this.first = false;
    if (!file) throw missing(this.path);
    return this.moveTo(file, age, atOffset(file, at === 'end' ? file.size : 0));
  }

  /** Opens a file under the name that it has by now: each rotation takes it further the way that this goes. */
  private async find(id: LogFileId): Promise<{ readonly file: OpenLogFile; readonly age: number } | undefined> {
    for (let age = 0; age <= this.keep; age++) {
      const file = await openLogFile(logName(this.path, age));
      if (file && isSameFile(file, id)) return { file, age };
      await file?.handle.close();
    }
    return undefined;
  }

  private async atEnd(current: OpenLogFile): Promise<LogChunk> {
    const own = await stateOfOpen(current.handle);
    if (own.size < this.offset) return this.moveTo(current, this.age, atOffset(current, 0));
    const named = await stateOfNamed(this.path);
    if (named && isSameFile(named, own)) return END;
    if (!named && own.names === 0) throw missing(this.path);
    const next = await this.next(own);
    return next && own.size <= this.offset ? this.leaveFor(next, current) : END;
  }

  /** A log that was renamed is still written until coturn opens the new one, and its first act there is to write. */
  private async next(own: LogFileState): Promise<LogFileId | undefined> {
    const files = await this.newestFirst();
    const age = files.findIndex((file) => file !== undefined && isSameFile(file, own));
    if (age >= 0) this.age = age;
    // Not there any more: the oldest one was deleted, or the newest was renamed to something else.
    const newer = age >= 0 ? files.slice(0, age) : this.age > 0 ? files : files.slice(0, 1);
    return newer.findLast((file) => file !== undefined && file.size > 0);
  }

  private async leaveFor(next: LogFileId, current: OpenLogFile): Promise<LogChunk> {
    const found = await this.find(next);
    if (!found) return { kind: 'rotating' };
    const moved = await this.moveTo(found.file, found.age, atOffset(found.file, 0));
    await current.handle.close();
    return moved;
  }

  private async moveTo(file: OpenLogFile, age: number, to: LogPosition): Promise<LogChunk> {
    const newer = (await this.newestFirst()).slice(0, age).filter((other) => other !== undefined);
    this.current = file;
    this.age = age;
    this.offset = to.offset;
    return { kind: 'moved', to, newer };
  }

  private async oldestAge(): Promise<number> {
    return (await this.newestFirst()).findLastIndex((file) => file !== undefined);
  }

  /** One after the other: a rotation meanwhile shows a file twice, and hides none. */
  private async newestFirst(): Promise<(LogFileState | undefined)[]> {
    const files: (LogFileState | undefined)[] = [];
    for (let age = 0; age <= this.keep; age++) files.push(await stateOfNamed(logName(this.path, age)));
    return files;
  }
}

const END: LogChunk = { kind: 'end' };

function atOffset({ inode, bornAt }: LogFileId, offset: number): LogPosition {
  return { inode, bornAt, offset, doubtfulBytes: 0 };
}

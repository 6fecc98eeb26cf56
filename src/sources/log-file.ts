import { constants } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { systemCode, UserError } from '../lib/errors';

/** Where reading a file had got to: the file, whatever its name is by now, and the offset in it. */
export interface LogPosition {
  readonly inode: number;
  readonly offset: number;
}

/** What a read gave: bytes (a view of the buffer that was passed), the end of what is there, or another file's beginning. */
export type LogChunk =
  { readonly kind: 'data'; readonly data: Buffer } | { readonly kind: 'end' } | { readonly kind: 'restart' };

/**
 * A log file under a name, followed through rotation by rename, truncation, deletion and new creation. Not followed: a
 * file that was truncated and has grown past the old offset between two reads (logrotate's `copytruncate` under load).
 */
export class LogFile {
  private handle: FileHandle | undefined;
  private inode = 0;
  private offset = 0;
  private first = true;

  /** Starts at `from`; without it at the end of a file that is there, and at the beginning of one that comes later. */
  constructor(
    private readonly path: string,
    private readonly from?: LogPosition,
  ) {}

  get position(): LogPosition | undefined {
    return this.handle && { inode: this.inode, offset: this.offset };
  }

  /** Throws a `UserError` when the file can't be read, or is gone and read to its end. */
  async read(buffer: Buffer): Promise<LogChunk> {
    this.handle ??= await this.open();
    const { bytesRead } = await this.handle.read(buffer, 0, buffer.length, this.offset);
    if (bytesRead === 0) return this.atEnd(this.handle);
    this.offset += bytesRead;
    return { kind: 'data', data: buffer.subarray(0, bytesRead) };
  }

  async close(): Promise<void> {
    const { handle } = this;
    this.handle = undefined;
    await handle?.close();
  }

  private async open(): Promise<FileHandle> {
    // Opening a FIFO would otherwise wait for a writer.
    const handle = await open(this.path, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') this.first = false;
      return toUserError(this.path)(error);
    });
    const stats = await handle.stat();
    if (!stats.isFile()) {
      await handle.close();
      throw new UserError(
        'unavailable',
        `${this.path} is not a regular file: set sources.log.path to coturn's log file.`,
      );
    }
    this.inode = stats.ino;
    this.offset = this.first ? startOf(stats, this.from) : 0;
    this.first = false;
    return handle;
  }

  private async atEnd(handle: FileHandle): Promise<LogChunk> {
    const own = await handle.stat();
    if (own.size < this.offset) {
      this.offset = 0;
      return { kind: 'restart' };
    }
    const named = await stat(this.path).catch((error: unknown) => {
      if (own.nlink > 0 && systemCode(error) === 'ENOENT') return undefined;
      return toUserError(this.path)(error);
    });
    // A log that was renamed is still written until coturn opens the new one, and its first act there is to write.
    if (named === undefined || isSame(named, own) || named.size === 0 || own.size > this.offset) return { kind: 'end' };
    await this.close();
    return { kind: 'restart' };
  }
}

interface FileStats {
  readonly dev: number;
  readonly ino: number;
  readonly size: number;
}

function startOf(stats: FileStats, from: LogPosition | undefined): number {
  if (!from) return stats.size;
  return from.inode === stats.ino && from.offset <= stats.size ? from.offset : 0;
}

function isSame(a: FileStats, b: FileStats): boolean {
  return a.ino === b.ino && a.dev === b.dev;
}

function toUserError(path: string): (error: unknown) => never {
  return (cause) => {
    const code = systemCode(cause);
    if (code === 'ENOENT') {
      throw new UserError('unavailable', `There is no ${path}: set sources.log.path to coturn's log file.`, { cause });
    }
    throw new UserError(
      'unavailable',
      `${path} can't be read (${code ?? 'unknown error'}): give the agent read permission.`,
      {
        cause,
      },
    );
  };
}

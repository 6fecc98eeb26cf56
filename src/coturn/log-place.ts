import { statSync } from 'node:fs';

/**
 * A log file, whatever its name is by now. The inode alone would not do: ext4 gives that of a deleted file to the next
 * one that is made. `bornAt` is 0 on file systems that keep no such time.
 */
export interface LogFileId {
  readonly inode: number;
  /** Milliseconds since the epoch, with fractions. */
  readonly bornAt: number;
}

/** A place between two lines of a log file: the offset where a line begins. */
export interface LogPlace extends LogFileId {
  readonly offset: number;
}

/** Where reading can go on later. */
export interface LogPosition extends LogPlace {
  /** How many of the bytes from here on a client may have written (log-doubt.ts). */
  readonly doubtfulBytes: number;
}

export function isSameFile(a: LogFileId, b: LogFileId): boolean {
  return a.inode === b.inode && a.bornAt === b.bornAt;
}

export function fileIdOf(stats: { readonly ino: number; readonly birthtimeMs: number }): LogFileId {
  return { inode: stats.ino, bornAt: stats.birthtimeMs };
}

/**
 * The end of a log while no coturn writes to it: what its next life writes begins there, with a record of its own.
 * undefined where there is no file yet.
 */
export function endOfLog(path: string): LogPosition | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats && { ...fileIdOf(stats), offset: stats.size, doubtfulBytes: 0 };
}

import { constants } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { fileIdOf, type LogFileId } from '../coturn/log-place';
import { systemCode, UserError } from '../lib/errors';

/** A log file as it was when it was looked at. */
export interface LogFileState extends LogFileId {
  readonly size: number;
  /** How many names it has; 0 once it is deleted. */
  readonly names: number;
}

export interface OpenLogFile extends LogFileState {
  readonly handle: FileHandle;
}

/** `path`, or with `age` 1 and up what the log was renamed to: `path.1` is the newest of those. */
export function logName(path: string, age: number): string {
  return age === 0 ? path : `${path}.${age}`;
}

/** Opens a log file for reading; undefined where there is none. Throws a `UserError` when it can't be read. */
export async function openLogFile(path: string): Promise<OpenLogFile | undefined> {
  // Opening a FIFO would otherwise wait for a writer.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(unlessMissing(path));
  if (!handle) return undefined;
  const stats = await handle.stat();
  if (stats.isFile()) return { handle, ...stateOf(stats) };
  await handle.close();
  throw new UserError('unavailable', `${path} is not a regular file: set sources.log.path to coturn's log file.`);
}

export async function stateOfOpen(handle: FileHandle): Promise<LogFileState> {
  return stateOf(await handle.stat());
}

/** The file of that name; undefined where there is none. Throws a `UserError` when it can't be looked at. */
export async function stateOfNamed(path: string): Promise<LogFileState | undefined> {
  const stats = await stat(path).catch(unlessMissing(path));
  return stats && stateOf(stats);
}

export function missing(path: string): UserError {
  return new UserError('unavailable', `There is no ${path}: set sources.log.path to coturn's log file.`);
}

function stateOf(stats: { ino: number; birthtimeMs: number; size: number; nlink: number }): LogFileState {
  return { ...fileIdOf(stats), size: stats.size, names: stats.nlink };
}

function unlessMissing(path: string): (error: unknown) => undefined {
  return (cause) => {
    const code = systemCode(cause);
    if (code === 'ENOENT') return undefined;
    const problem = `${path} can't be read (${code ?? 'unknown error'}): give the agent read permission.`;
    throw new UserError('unavailable', problem, { cause });
  };
}

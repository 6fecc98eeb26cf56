import { constants } from 'node:fs';
import { open, writeFile, type FileHandle } from 'node:fs/promises';
import { rotate } from '../coturn/log-files';

const MAX_BYTES = 16 * 1024 * 1024;
const KEEP = 3;
const PRIVATE = 0o600;
const NEWLINE = 0x0a;
const { O_RDWR, O_APPEND, O_CREAT, O_NOFOLLOW } = constants;

/**
 * Appends whole lines to a file that only its owner may read, which becomes `path.1` before it would be larger than 16 MB;
 * `path.3` is the last. Rejects where it can't; then none of these lines is in the file. For one writer.
 */
export async function appendLines(path: string, lines: string): Promise<void> {
  if (await appendWhereRoom(path, lines)) return;
  const fresh = `${path}.new`;
  await writeFile(fresh, '', { mode: PRIVATE });
  rotate(path, KEEP, fresh);
  await appendWhereRoom(path, lines);
}

/**
 * False, and nothing is written, where the file would be too large; an empty one takes what comes. Opened each time: a
 * file that was moved or deleted by hand is not written to any more.
 */
async function appendWhereRoom(path: string, lines: string): Promise<boolean> {
  const file = await open(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW, PRIVATE);
  try {
    const { size, mode } = await file.stat();
    if (size > 0 && size + Buffer.byteLength(lines) > MAX_BYTES) return false;
    if ((mode & 0o777) !== PRIVATE) await file.chmod(PRIVATE);
    await append(file, lines, size);
    return true;
  } finally {
    await file.close();
  }
}

async function append(file: FileHandle, lines: string, size: number): Promise<void> {
  try {
    await file.appendFile((await isTorn(file, size)) ? `\n${lines}` : lines);
  } catch (error) {
    await file.truncate(size);
    throw error;
  }
}

/** Whether the last line has no end: a process that is killed may have written a part (mm/filemap.c, `generic_perform_write`). */
async function isTorn(file: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return false;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] !== NEWLINE;
}

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
  if (await isFull(path, Buffer.byteLength(lines))) {
    const fresh = `${path}.new`;
    await writeFile(fresh, '', { mode: PRIVATE });
    rotate(path, KEEP, fresh);
  }
  await using(path, async (file) => {
    const { size, mode } = await file.stat();
    if ((mode & 0o777) !== PRIVATE) await file.chmod(PRIVATE);
    try {
      await file.appendFile((await isTorn(file, size)) ? `\n${lines}` : lines);
    } catch (error) {
      await file.truncate(size);
      throw error;
    }
  });
}

/** Opened each time: a file that was moved or deleted by hand is not written to any more. */
async function using<T>(path: string, work: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW, PRIVATE);
  try {
    return await work(file);
  } finally {
    await file.close();
  }
}

async function isFull(path: string, more: number): Promise<boolean> {
  const { size } = await using(path, (file) => file.stat());
  return size > 0 && size + more > MAX_BYTES;
}

/** Whether the last line has no end: a process that is killed may have written a part (mm/filemap.c, `generic_perform_write`). */
async function isTorn(file: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return false;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] !== NEWLINE;
}

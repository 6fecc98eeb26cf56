import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf, systemCode, UserError } from './errors';

/** What a disk says that can take nothing now. */
const DISK_CODES = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO']);

/**
 * Writes a file that only its owner may read (0600). After a crash at any moment it is the old one or the new one, whole.
 * Throws a UserError `unavailable` where the disk takes nothing, and what else the system says.
 */
export async function writeFileAtomically(file: string, text: string): Promise<void> {
  try {
    await write(file, text);
  } catch (error) {
    if (!DISK_CODES.has(systemCode(error) ?? '')) throw error;
    const advice = 'make room on its disk, or look at its health, and try again';
    throw new UserError('unavailable', `${file} can't be written (${messageOf(error)}): ${advice}.`, { cause: error });
  }
}

async function write(file: string, text: string): Promise<void> {
  const temporary = `${file}.tmp`;
  await rm(temporary, { force: true });
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
  await syncDirectory(dirname(file));
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

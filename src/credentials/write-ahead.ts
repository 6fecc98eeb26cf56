import { chmodSync, closeSync, existsSync, openSync, readSync } from 'node:fs';
import { SqliteThread } from '../usage/sqlite/sqlite-thread';

/** "File format write version" of SQLite's database header: 2 is write-ahead logging (sqlite.org/fileformat2.html 1.3). */
const VERSION_AT = 18;
const WRITE_AHEAD = 2;

/**
 * Makes coturn's SQLite database, 0600, or changes it, so that who reads it never waits for who writes. In SQLite's usual
 * mode a reader is turned away while turnadmin writes, and coturn (4.6.1) refuses the client that it read for: of 400 valid
 * credentials 121, with turnadmin at work all the while, and none so. Rejects where the file can't be changed just now.
 */
export async function useWriteAhead(file: string): Promise<void> {
  if (existsSync(file)) chmodSync(file, 0o600);
  else closeSync(openSync(file, 'a', 0o600));
  if (isWriteAhead(file)) return;
  const thread = new SqliteThread();
  try {
    await thread.open({ file, readonly: false, pragmas: ['busy_timeout = 1000', 'journal_mode = WAL'] });
  } finally {
    await thread.close();
  }
}

function isWriteAhead(file: string): boolean {
  const descriptor = openSync(file, 'r');
  try {
    const header = Buffer.alloc(VERSION_AT + 1);
    return readSync(descriptor, header, 0, header.length, 0) === header.length && header[VERSION_AT] === WRITE_AHEAD;
  } finally {
    closeSync(descriptor);
  }
}

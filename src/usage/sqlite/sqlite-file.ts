import { closeSync, existsSync, openSync, renameSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { UserError, messageOf, systemCode } from '../../lib/errors';
import type { Logger } from '../../lib/logger';
import { LedgerReplaced } from '../ledger-file';
import { MIGRATIONS } from './sqlite-schema';
import { isDamage, SqliteError, SqliteThread, type Row, type Statement, type Value } from './sqlite-thread';

const BUSY_MS = 2_000;
/**
 * Commits are in the file when they are confirmed, whichever process dies then. With `synchronous = NORMAL` a power cut
 * can take the last ones back (never a part of one): a disk confirms each only with FULL, which waits for it. Without
 * `cache_size` 16 MB of pages would be kept (better-sqlite3 12), of which a commit needs few.
 */
const PRAGMAS = [`busy_timeout = ${BUSY_MS}`, 'journal_mode = WAL', 'synchronous = NORMAL', 'cache_size = -2000'];

/** The file as its writer has it: opened when it is first needed, and again after a failure. */
export class SqliteFile {
  private readonly thread = new SqliteThread();
  private isOpen = false;
  private inode: number | undefined;
  /** What was found: the file is not written any more, until `open` has put it aside. */
  private damage: SqliteError | undefined;
  /** Of the file that `open` opened. */
  private agent: string | undefined;

  constructor(
    private readonly path: string,
    private readonly logger: Logger,
    /** It may be another file from now on. */
    private readonly onOpen: () => Promise<void>,
  ) {}

  /** Makes it, or brings it up to date, and reads it. A damaged one is put aside, and made anew. Throws UserError. */
  async open<T>(read: () => Promise<T>): Promise<T> {
    const { agent } = this;
    this.isOpen = false;
    this.agent = undefined;
    await this.onOpen();
    try {
      return await this.openAny(read);
    } catch (error) {
      // Another file is this one only when all of it was read.
      this.agent = agent;
      throw error;
    }
  }

  private async openAny<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await this.explain(read);
    } catch (error) {
      if (!isDamage(error)) throw error;
    }
    await this.putAside().catch((error: unknown) => Promise.reject(this.explained(error)));
    return await this.explain(read);
  }

  /**
   * All or nothing; how many rows the last statement changed. Throws UserError; SqliteError where the file is damaged;
   * LedgerReplaced where it is another one than was opened.
   */
  async transaction(statements: readonly Statement[]): Promise<number> {
    return await this.explain(() => this.thread.transaction(statements));
  }

  async query(sql: string, parameters: readonly Value[] = []): Promise<readonly Row[]> {
    return await this.explain(() => this.thread.query(sql, parameters));
  }

  async close(): Promise<void> {
    this.isOpen = false;
    await this.thread.close();
  }

  private async explain<T>(work: () => Promise<T>): Promise<T> {
    try {
      if (this.damage) throw this.damage;
      if (!this.isOpen || (await this.isGone())) await this.openThis();
      return await work();
    } catch (error) {
      if (error instanceof SqliteError && isDamage(error)) throw (this.damage = error);
      // A connection that failed may have lost its footing, after a full disk above all.
      this.isOpen = false;
      throw error instanceof LedgerReplaced ? error : this.explained(error);
    }
  }

  private async openThis(): Promise<void> {
    // SQLite would make it readable for everybody.
    if (!existsSync(this.path)) closeSync(openSync(this.path, 'a', 0o600));
    await this.thread.open({ file: this.path, readonly: false, pragmas: PRAGMAS });
    await this.migrate();
    await this.recognize();
    this.inode = (await stat(this.path)).ino;
    this.isOpen = true;
  }

  /** A file that was deleted takes commits for as long as it is open, and nobody will ever read them. */
  private async isGone(): Promise<boolean> {
    const stats = await stat(this.path).catch(() => undefined);
    return stats?.ino !== this.inode;
  }

  /** Where somebody moved the file away or deleted it, this is a new one, which lacks what the old one held. */
  private async recognize(): Promise<void> {
    const [row] = await this.thread.query('SELECT agent FROM ledger');
    const agent = String(row?.['agent']);
    if (this.agent !== undefined && this.agent !== agent) {
      throw new LedgerReplaced(`${this.path} is another file than before`);
    }
    this.agent = agent;
  }

  private async migrate(): Promise<void> {
    const version = await this.version();
    if (version > MIGRATIONS.length) {
      throw new UserError(
        'bad_config',
        `${this.path} was written by a newer turnkeeper (version ${version} of its tables): install that one again.`,
      );
    }
    for (let at = version; at < MIGRATIONS.length; at++) {
      // Where another process was quicker the script fails on what is there already.
      const script = `${MIGRATIONS[at] ?? ''}; PRAGMA user_version = ${at + 1}`;
      await this.thread.script(script).catch(async (error: unknown) => {
        if ((await this.version()) <= at) throw error;
      });
    }
  }

  private async version(): Promise<number> {
    const [row] = await this.thread.query('PRAGMA user_version');
    return Number(row?.['user_version'] ?? 0);
  }

  private async putAside(): Promise<void> {
    await this.close();
    const aside = `${this.path}.damaged-${new Date().toISOString().replaceAll(':', '')}`;
    for (const suffix of ['', '-wal', '-shm']) {
      if (existsSync(this.path + suffix)) renameSync(this.path + suffix, aside + suffix);
    }
    this.damage = undefined;
    this.logger.error(
      { aside },
      'usage.db is damaged: it is put aside, and begun anew; what was in it can be looked for there',
    );
  }

  private explained(error: unknown): UserError {
    if (error instanceof UserError) return error;
    const advice = ADVICE.find(([code]) => (systemCode(error) ?? '').startsWith(code))?.[1];
    const what = advice ?? `${messageOf(error)} (${systemCode(error) ?? 'unknown error'})`;
    return new UserError('unavailable', `${this.path} can't be used now: ${what}.`, { cause: error });
  }
}

/** By SQLite's result code: what is wrong, and what to do. */
const ADVICE: readonly (readonly [string, string])[] = [
  ['SQLITE_FULL', 'the disk is full, make room on it'],
  ['SQLITE_READONLY', 'it may not be written, give this user permission to write to it and its folder'],
  [
    'SQLITE_CANTOPEN',
    'it may not be opened, give this user permission to write to its folder, and make room on its disk',
  ],
  ['SQLITE_BUSY', 'another program holds a lock on it, end that one'],
  ['SQLITE_LOCKED', 'another program holds a lock on it, end that one'],
  ['SQLITE_IOERR', 'its disk can not be written or read, make room on it, or look at its health'],
  ['EACCES', 'it may not be written, give this user permission to write to it and its folder'],
  ['EROFS', 'its disk is mounted read-only'],
  ['ENOSPC', 'the disk is full, make room on it'],
];

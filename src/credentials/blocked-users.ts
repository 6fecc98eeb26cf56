import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Clock } from '../lib/clock';
import { systemCode, UserError } from '../lib/errors';
import { writeFileAtomically } from '../lib/write-file-atomically';

const MAX_BLOCKED = 100_000;
const stored = z.record(z.string(), z.number());

/** Users who get no credential until a time; kept over restarts. Times are milliseconds since the epoch. */
export class BlockedUsers {
  private until = new Map<string, number>();
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly file: string,
    private readonly clock: Clock,
  ) {}

  /** Throws a UserError where the file does not hold what it should: nobody who is blocked may slip through. */
  async load(): Promise<void> {
    const text = await readFile(this.file, 'utf8').catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return '{}';
      throw error;
    });
    try {
      this.until = new Map(Object.entries(stored.parse(JSON.parse(text))));
    } catch (error) {
      const advice = 'restore it from a backup, or move it away (then everybody gets credentials again)';
      throw new UserError('bad_config', `${this.file} does not hold the blocked users: ${advice}.`, { cause: error });
    }
  }

  /** Until when; undefined for a user who is not blocked. */
  untilOf(user: string): number | undefined {
    const until = this.until.get(user);
    return until !== undefined && until > this.clock.now() ? until : undefined;
  }

  /** Resolves when it is on disk. Throws `too_many` where too many are blocked. */
  async block(user: string, until: number): Promise<void> {
    for (const [name, end] of this.until) if (end <= this.clock.now()) this.until.delete(name);
    if (this.until.size >= MAX_BLOCKED && !this.until.has(user)) {
      throw new UserError('too_many', `${MAX_BLOCKED} users are blocked already: wait until some are not any more.`);
    }
    this.until.set(user, until);
    const text = `${JSON.stringify(Object.fromEntries(this.until))}\n`;
    const written = this.writing.then(() => writeFileAtomically(this.file, text));
    this.writing = written.catch(() => undefined);
    await written;
  }
}

import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Clock } from '../lib/clock';
import { systemCode, UserError } from '../lib/errors';
import { writeFileAtomically } from '../lib/write-file-atomically';
import { fingerprintOf } from './user-fingerprint';

const MAX_BLOCKED = 100_000;
const times = z.record(z.string(), z.number());
const stored = z.union([
  z.strictObject({ users: z.record(z.string().regex(/^[\w-]{43}$/), z.number()) }).transform(({ users }) => users),
  // As it was at first: by their names.
  times.transform((names) =>
    Object.fromEntries(Object.entries(names).map(([name, until]) => [fingerprintOf(name), until])),
  ),
]);

/**
 * Users who get no credential until a time, by their fingerprints; kept over restarts. Times are milliseconds since the
 * epoch. A time is never made earlier: other agents have theirs.
 */
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
    // Mostly nobody is: then it needs no fingerprint.
    if (this.until.size === 0) return undefined;
    const until = this.until.get(fingerprintOf(user));
    return until !== undefined && until > this.clock.now() ? until : undefined;
  }

  /** Until when it is now; resolves when that is on disk. Throws `too_many` where too many are blocked. */
  async block(user: string, until: number): Promise<number> {
    const fingerprint = fingerprintOf(user);
    this.take(new Map([[fingerprint, until]]));
    const kept = this.until.get(fingerprint);
    if (kept === undefined) {
      throw new UserError('too_many', `${MAX_BLOCKED} users are blocked already: wait until some are not any more.`);
    }
    await this.save();
    return kept;
  }

  /** Those who are blocked now. */
  entries(): ReadonlyMap<string, number> {
    for (const [user, end] of this.until) if (end <= this.clock.now()) this.until.delete(user);
    return this.until;
  }

  /** Those who are blocked by it, or for longer. Of too many, some are not. */
  take(found: ReadonlyMap<string, number>): ReadonlySet<string> {
    const blocked = this.entries();
    const taken = new Set<string>();
    for (const [user, until] of found) {
      const before = blocked.get(user);
      const hasRoom = before !== undefined || blocked.size < MAX_BLOCKED;
      if (!hasRoom || until <= Math.max(before ?? 0, this.clock.now())) continue;
      this.until.set(user, until);
      taken.add(user);
    }
    return taken;
  }

  /** Resolves when it is on disk as it is now. */
  async save(): Promise<void> {
    const text = `${JSON.stringify({ users: Object.fromEntries(this.until) })}\n`;
    const written = this.writing.then(() => writeFileAtomically(this.file, text));
    this.writing = written.catch(() => undefined);
    await written;
  }
}

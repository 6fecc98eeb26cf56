import { createHmac, randomBytes } from 'node:crypto';
import { UserError } from '../../lib/errors';
import type { UserPassword } from './header';

/** Comparisons that may wait at a time, in all and from one address: a flood can't lock another address out. */
export const MAX_WAITING = 64;
export const MAX_WAITING_PER_ADDRESS = 4;

/** bcrypt hashes by user name. */
export type Users = ReadonlyMap<string, string>;

/** Checks passwords against bcrypt hashes, each right one only once: a scrape must not cost 100 ms of computing. */
export class PasswordVerifier {
  /** A keyed hash of user, bcrypt hash and password, by user: no longer than the list of users, and no password is kept. */
  private readonly verified = new Map<string, string>();
  private readonly waiting = new Map<string, { readonly from: string; readonly matches: Promise<boolean> }>();
  private readonly key = randomBytes(32);

  constructor(private readonly compare: (password: string, hash: string) => Promise<boolean>) {}

  /** `from` is the client's address. Throws `too_many` when too many comparisons wait already. */
  async verify(users: Users, { user, password }: UserPassword, from: string): Promise<boolean> {
    const known = users.get(user);
    // Somebody else's hash makes an unknown user take as long as a known one.
    const [hash = known] = known === undefined ? users.values() : [known];
    if (hash === undefined) return false;
    // Its timing tells nothing: without the key nobody can choose what is compared.
    const digest = this.digest(user, hash, password);
    if (known !== undefined && this.verified.get(user) === digest) return true;
    const matches = await this.compareOnce(digest, () => this.compare(password, hash), from);
    if (!matches || known === undefined) return false;
    this.verified.set(user, digest);
    return true;
  }

  /** Equal requests at the same time share one comparison. */
  private async compareOnce(digest: string, compare: () => Promise<boolean>, from: string): Promise<boolean> {
    const same = this.waiting.get(digest);
    if (same !== undefined) return same.matches;
    this.refuseFlood(from);
    const matches = compare();
    this.waiting.set(digest, { from, matches });
    try {
      return await matches;
    } finally {
      this.waiting.delete(digest);
    }
  }

  private refuseFlood(from: string): void {
    const fromThere = [...this.waiting.values()].filter((other) => other.from === from).length;
    if (this.waiting.size < MAX_WAITING && fromThere < MAX_WAITING_PER_ADDRESS) return;
    throw new UserError('too_many', 'Too many passwords are being checked: try again in a second.');
  }

  private digest(...parts: readonly string[]): string {
    return createHmac('sha256', this.key).update(JSON.stringify(parts)).digest('base64');
  }
}

import { messageOf } from '../lib/errors';
import type { Logger } from '../lib/logger';
import type { LiveSessions } from '../usage/live-sessions';
import type { BlockedUsers } from './blocked-users';
import type { IssueCounts } from './issue-counts';
import { ownerOf } from './label';

export interface Revocation {
  readonly user: string;
  /** No further credential until then; ISO 8601. */
  readonly blockedUntil: string;
  /** What was under way and is being ended. */
  readonly sessions: number;
  readonly allocations: number;
  /** Until when a credential that was issued before could still make an allocation; null: none can. */
  readonly usableUntil: string | null;
  /** Whether what credentials are made with was renewed, so that nobody's of before is accepted. */
  readonly rotated: boolean;
  /**
   * Whether the other agents block the user too, and end what is under way there: they are told, or will be when ZooKeeper
   * is back; none: there is no registry.
   */
  readonly fleet: 'told' | 'pending' | 'none';
}

export interface RevokerOptions {
  readonly blocked: BlockedUsers;
  readonly sessions: LiveSessions;
  readonly counts: IssueCounts;
  readonly usableUntil: () => number;
  /** Makes everything that was issued before worthless. */
  readonly rotateAtOnce: () => Promise<unknown>;
  /** Tells the other agents. Never rejects. undefined where there are none. */
  readonly share: ((user: string) => Promise<'told' | 'pending'>) | undefined;
  readonly logger: Logger;
}

const PAGE = 1000;

/** Takes the relay away from a user: no further credential, and an end to what is under way. */
export class Revoker {
  constructor(private readonly options: RevokerOptions) {}

  /** `until`: milliseconds since the epoch. Throws UserError; what was done before it stays done, and it may be tried again. */
  async revoke(user: string, until: number, rotate: boolean): Promise<Revocation> {
    const { blocked, counts, usableUntil, rotateAtOnce, share } = this.options;
    const blockedUntil = await blocked.block(user, until);
    counts.revoked++;
    const shared = share?.(user);
    const lastUse = usableUntil();
    if (rotate) await rotateAtOnce();
    const ended = await this.endSessions((owner) => owner === user);
    return {
      user,
      blockedUntil: new Date(blockedUntil).toISOString(),
      ...ended,
      usableUntil: rotate ? null : new Date(lastUse).toISOString(),
      rotated: rotate,
      fleet: (await shared) ?? 'none',
    };
  }

  /** Those under way here, of whom this is so. */
  async endSessions(isMeant: (user: string) => boolean): Promise<{ sessions: number; allocations: number }> {
    const ids = this.sessionsOf(isMeant);
    let allocations = 0;
    for (const id of ids) {
      // One that ends meanwhile by itself is no fault; those of other coturns can't be ended from here.
      const ended = await this.options.sessions.end(id).catch((error: unknown) => {
        this.options.logger.warn({ id, why: messageOf(error) }, 'a session of a revoked user could not be ended');
        return { allocations: 0 };
      });
      allocations += ended.allocations;
    }
    return { sessions: ids.length, allocations };
  }

  private sessionsOf(isMeant: (user: string) => boolean): string[] {
    const ids: string[] = [];
    let after: number | undefined;
    do {
      const page = this.options.sessions.list({ after, limit: PAGE });
      ids.push(...page.sessions.filter(({ userId }) => isMeant(ownerOf(userId))).map(({ id }) => id));
      after = page.next;
    } while (after !== undefined);
    return ids;
  }
}

import type { BlockedUsers } from './blocked-users';
import type { IssueCounts } from './issue-counts';
import type { UserAllocations } from './user-allocations';

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
  readonly allocations: Pick<UserAllocations, 'end'>;
  readonly counts: IssueCounts;
  readonly usableUntil: () => number;
  /** Makes everything that was issued before worthless. */
  readonly rotateAtOnce: () => Promise<unknown>;
  /** Tells the other agents. Never rejects. undefined where there are none. */
  readonly share: ((user: string) => Promise<'told' | 'pending'>) | undefined;
}

/** Takes the relay away from a user: no further credential, and an end to what is under way. */
export class Revoker {
  constructor(private readonly options: RevokerOptions) {}

  /** `until`: milliseconds since the epoch. Throws UserError; what was done before it stays done, and it may be tried again. */
  async revoke(user: string, until: number, rotate: boolean): Promise<Revocation> {
    const { blocked, allocations, counts, usableUntil, rotateAtOnce, share } = this.options;
    const blockedUntil = await blocked.block(user, until);
    counts.revoked++;
    const shared = share?.(user);
    const lastUse = usableUntil();
    if (rotate) await rotateAtOnce();
    const ended = await allocations.end((owner) => owner === user);
    return {
      user,
      blockedUntil: new Date(blockedUntil).toISOString(),
      ...ended,
      usableUntil: rotate ? null : new Date(lastUse).toISOString(),
      rotated: rotate,
      fleet: (await shared) ?? 'none',
    };
  }
}

import { UserError } from '../lib/errors';
import type { BlockedUsers } from './blocked-users';

/** What a user has used up; asked at each credential. */
export interface UserUsage {
  /** Sessions under way. */
  sessionsOf(user: string): number;
  /** Bytes relayed since midnight, UTC, on both legs. */
  bytesTodayOf(user: string): number;
}

export interface Quota {
  readonly sessions?: number | undefined;
  readonly bytesPerDay?: number | undefined;
}

/** Decides whether a user may have a credential now. */
export class Admission {
  constructor(
    private readonly blocked: BlockedUsers,
    private readonly quota: Quota,
    private readonly usage: UserUsage,
  ) {}

  /** Throws UserError: `forbidden` for a user who is blocked, `too_many` where a quota is used up. */
  check(user: string): void {
    const until = this.blocked.untilOf(user);
    if (until !== undefined) {
      throw new UserError(
        'forbidden',
        `${user} gets no credential until ${new Date(until).toISOString()}: it was revoked.`,
      );
    }
    const { sessions, bytesPerDay } = this.quota;
    if (sessions !== undefined && this.usage.sessionsOf(user) >= sessions) {
      const limit = `${sessions} (credentials.quota.sessions)`;
      throw new UserError('too_many', `${user} has as many sessions under way as allowed, ${limit}: end one first.`);
    }
    if (bytesPerDay !== undefined && this.usage.bytesTodayOf(user) >= bytesPerDay) {
      const limit = `${bytesPerDay} (credentials.quota.bytesPerDay)`;
      throw new UserError('too_many', `${user} has used the bytes of today, ${limit}: try again tomorrow (UTC).`);
    }
  }
}

import type { CoturnServer } from '../coturn/server';
import { messageOf } from '../lib/errors';
import type { Logger } from '../lib/logger';
import type { Relay } from '../turn/relay';
import { ownerOf } from './label';

export interface UserAllocationsOptions {
  readonly relay: Pick<Relay, 'view' | 'markForced'>;
  readonly coturn: Pick<CoturnServer, 'endAllocations'>;
  /** Whether an allocation of this origin is of the coturn that the agent runs now. */
  readonly isOwn: (origin: number) => boolean;
  readonly logger: Logger;
}

/** What was open, and how much of it is being ended. */
export interface Ended {
  readonly sessions: number;
  readonly allocations: number;
}

/**
 * What users have open on this relay. Not their sessions alone: an allocation that lay idle while its session ended is in
 * none, and carries the next call without a credential.
 */
export class UserAllocations {
  constructor(private readonly options: UserAllocationsOptions) {}

  /** Ends those of the users of whom this is so, whatever their labels. Never rejects: what can't be ended is logged. */
  async end(isMeant: (user: string) => boolean): Promise<Ended> {
    const { relay, isOwn, logger } = this.options;
    const theirs = relay.view.allocationsOf((userId) => isMeant(ownerOf(userId)));
    const own = theirs.filter((slot) => isOwn(relay.view.originOf(slot)));
    const others = theirs.length - own.length;
    if (others > 0) logger.warn({ others }, 'allocations of a revoked user are on coturns that somebody else runs');
    const sessions = relay.view.sessionsWith(theirs);
    return { sessions, allocations: (await this.endOwn(own)) ? own.length : 0 };
  }

  private async endOwn(slots: readonly number[]): Promise<boolean> {
    const { relay, coturn, logger } = this.options;
    if (slots.length === 0) return true;
    relay.markForced(slots);
    try {
      await coturn.endAllocations(slots.map((slot) => relay.view.idOf(slot)));
      return true;
    } catch (error) {
      logger.warn({ why: messageOf(error) }, 'the allocations of a revoked user could not be ended');
      return false;
    }
  }
}

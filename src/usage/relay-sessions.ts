import type { CoturnServer } from '../coturn/server';
import type { Clock } from '../lib/clock';
import { UserError } from '../lib/errors';
import { flatCounts } from '../turn/flat-counts';
import type { AllocationView } from '../turn/open-view';
import type { Relay } from '../turn/relay';
import type { SessionDescription } from '../turn/session-description';
import type { LiveAllocation, LiveSession, LiveSessions, SessionsPage, SessionsQuery } from './live-sessions';

export interface RelaySessionsOptions {
  readonly relay: Relay;
  readonly coturn: Pick<CoturnServer, 'endAllocations'>;
  /** Whether an allocation of this origin is of the coturn that the agent runs now. */
  readonly isOwn: (origin: number) => boolean;
  readonly ids: { idOf(sequence: number): string; sequenceOf(id: string): number };
  readonly clock: Clock;
}

/** The sessions under way, as the relay's state has them. */
export class RelaySessions implements LiveSessions {
  constructor(private readonly options: RelaySessionsOptions) {}

  list({ user, realm, after = -1, limit }: SessionsQuery): SessionsPage {
    const { view } = this.options.relay;
    const slots: number[] = [];
    for (const slot of view.sessionsFrom(after + 1)) {
      const session = view.session(slot);
      if (user !== undefined && session.userId !== user && session.username !== user) continue;
      if (realm !== undefined && session.realm !== realm) continue;
      if (slots.length === limit) return { sessions: this.describe(slots), next: slots.at(-1) };
      slots.push(slot);
    }
    return { sessions: this.describe(slots), next: undefined };
  }

  find(id: string): LiveSession | undefined {
    const slot = this.slotOf(id);
    return slot === -1 ? undefined : this.describe([slot])[0];
  }

  async end(id: string): Promise<{ readonly allocations: number; readonly open: readonly string[] }> {
    const { relay, coturn, isOwn } = this.options;
    const slot = this.slotOf(id);
    if (slot === -1) throw new UserError('not_found', `There is no session ${id} under way.`);
    const allocations = relay.view.allocationsIn([slot]).get(slot) ?? [];
    if (!allocations.every((allocation) => isOwn(relay.view.originOf(allocation)))) {
      throw new UserError('conflict', 'The session is on a coturn that somebody else runs: end it there.');
    }
    if (allocations.length === 0) return { allocations: 0, open: [] };
    relay.markForced(allocations);
    const open = await coturn.endAllocations(allocations.map((allocation) => relay.view.idOf(allocation)));
    return { allocations: allocations.length, open };
  }

  private slotOf(id: string): number {
    return this.options.relay.view.sessionNumbered(this.options.ids.sequenceOf(id));
  }

  private describe(slots: readonly number[]): LiveSession[] {
    const { relay, clock, ids } = this.options;
    const now = clock.monotonic();
    const offset = clock.now() - now;
    const allocations = relay.view.allocationsIn(slots);
    return slots.map((slot) => {
      const session = relay.view.session(slot);
      const views = (allocations.get(slot) ?? []).map((one) => liveAllocation(relay.view.allocation(one, now), offset));
      const durationSeconds = Math.max(0, Math.round(now - session.startedAt)) / 1000;
      return { ...liveSession(session, ids.idOf(session.sequence), offset), durationSeconds, allocations: views };
    });
  }
}

/** A session that has just begun. `offset` is what turns times of the relay's clock into those of the wall clock. */
export function newSession(session: SessionDescription, id: string, offset: number): LiveSession {
  return { ...liveSession(session, id, offset), durationSeconds: 0, allocations: [] };
}

function liveSession(
  { server, realm, userId, username, startedAt, relayed, client, peer, transports }: SessionDescription,
  id: string,
  offset: number,
): Omit<LiveSession, 'durationSeconds' | 'allocations'> {
  return {
    id,
    server,
    realm,
    userId,
    username,
    startedAt: Math.round(startedAt + offset),
    relayed,
    ...flatCounts(client, peer),
    transports,
  };
}

function liveAllocation(view: AllocationView, offset: number): LiveAllocation {
  const { id, transport, remote, startedAt, lifetimeSeconds, client, peer } = view;
  return {
    id,
    transport,
    client: remote,
    startedAt: Math.round(startedAt + offset),
    expiresInSeconds: lifetimeSeconds,
    clientReceivedBytes: client.receivedBytes,
    clientSentBytes: client.sentBytes,
    peerReceivedBytes: peer.receivedBytes,
    peerSentBytes: peer.sentBytes,
  };
}

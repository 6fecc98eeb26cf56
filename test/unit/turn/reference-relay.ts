import type { LegCounts } from '../../../src/turn/counts';
import { CLIENT_LEG } from '../../../src/turn/counts';
import type { Endpoint, TurnEvent } from '../../../src/turn/event';

export const ZERO: LegCounts = { receivedPackets: 0, receivedBytes: 0, sentPackets: 0, sentBytes: 0 };

export function plus(a: LegCounts, b: LegCounts): LegCounts {
  return {
    receivedPackets: a.receivedPackets + b.receivedPackets,
    receivedBytes: a.receivedBytes + b.receivedBytes,
    sentPackets: a.sentPackets + b.sentPackets,
    sentBytes: a.sentBytes + b.sentBytes,
  };
}

/** What one allocation really carried, as its coturn knows it; tells it in coturn's own words and order. */
export class TrueAllocation {
  client = ZERO;
  peer = ZERO;

  constructor(
    readonly id: { origin: number; high: number; low: number },
    readonly principal: () => { realm: string; username: string },
    readonly port: number,
  ) {}

  begin(): TurnEvent[] {
    return [{ ...this.id, kind: 'new', principal: this.principal, lifetimeSeconds: 600, endpoint: this.endpoint }];
  }

  /** Its coturn lists it as under way. */
  found(): TurnEvent[] {
    const { id, principal, endpoint } = this;
    return [{ ...id, kind: 'found', principal, endpoint, ageSeconds: 60, lifetimeSeconds: 600 }];
  }

  private get endpoint(): Endpoint {
    return { transport: 'udp', remote: `192.0.2.1:${this.port}` };
  }

  carry(client: LegCounts, peer: LegCounts): TurnEvent[] {
    this.client = plus(this.client, client);
    this.peer = plus(this.peer, peer);
    const { id, principal } = this;
    return [
      { ...id, principal, kind: 'traffic', leg: CLIENT_LEG, ...client },
      { ...id, principal, kind: 'traffic', leg: 4, ...peer },
    ];
  }

  end(): TurnEvent[] {
    const { id, principal } = this;
    const wrapped = Object.fromEntries(
      Object.entries(this.peer).map(([key, value]) => [key, Number(value) % 2 ** 32]),
    ) as unknown as LegCounts;
    return [
      { ...id, principal, kind: 'deleted' },
      { ...id, principal, kind: 'totals', leg: CLIENT_LEG, ...this.client },
      { ...id, principal, kind: 'totals', leg: 4, ...wrapped },
    ];
  }
}

import { bytesAt, StatsChannel } from '../../coturn/stats-channel';
import { parseStatus, TrafficMessage, type StatusMessage } from '../../coturn/stats-message';
import { CLIENT_LEG, PEER_LEG, type Leg } from '../../turn/counts';
import type { Outcome, Principal, TurnEvent } from '../../turn/event';
import type { Relay } from '../../turn/relay';
import type { EventKind, RejectReason } from './counters';
import type { Servers, Speaker } from './servers';

const HEARTBEAT = Buffer.from('__XXX__');

/** What a published message came to; a RejectReason where it was not taken. */
export type Published = { readonly kind: EventKind } | { readonly rejected: RejectReason };

const TAKEN = Object.fromEntries(
  (['heartbeat', 'new', 'refreshed', 'deleted', 'traffic', 'traffic_peer', 'total', 'total_peer'] as const).map(
    (kind) => [kind, { kind }],
  ),
) as Record<EventKind, { readonly kind: EventKind }>;

const MALFORMED = { rejected: 'malformed' } as const;

/** Where the arguments of a command stand in the buffer. */
export interface CommandPlaces {
  readonly buffer: Buffer;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** Turns what one connection publishes into events for the relay, in place: no string is made for a known allocation. */
export class Publisher {
  private readonly channel = new StatsChannel();
  private readonly counts = new TrafficMessage();
  /** The origin of the last message, for the thread of which this connection is. */
  private thread = -1;
  private origin = -1;
  private readonly principal = (): Principal => this.channel.principal();

  constructor(
    private readonly relay: Relay,
    private readonly servers: Servers,
    private readonly serverKey: string,
    private readonly speaker: Speaker,
  ) {}

  /** Takes a PUBLISH command: the channel is its second argument, the message its third. `now` is the relay's clock. */
  publish(command: CommandPlaces, now: number): Published {
    const { buffer, starts, ends } = command;
    const { channel } = this;
    if (!channel.parse(buffer, starts[1] ?? 0, ends[1] ?? 0)) return this.other(command, now);
    if (channel.kind === 'status') return this.status(buffer.toString('utf8', starts[2], ends[2]), now);
    if (!this.counts.parse(buffer, starts[2] ?? 0, ends[2] ?? 0)) return MALFORMED;
    switch (channel.kind) {
      case 'traffic':
        return this.counted('traffic', CLIENT_LEG, TAKEN.traffic, now);
      case 'traffic/peer':
        return this.counted('traffic', PEER_LEG, TAKEN.traffic_peer, now);
      case 'total_traffic':
        return this.counted('totals', CLIENT_LEG, TAKEN.total, now);
      case 'total_traffic/peer':
        return this.counted('totals', PEER_LEG, TAKEN.total_peer, now);
    }
  }

  private other({ buffer, starts, ends }: CommandPlaces, now: number): Published {
    const [start, end] = [starts[1] ?? 0, ends[1] ?? 0];
    if (end - start !== HEARTBEAT.length || !bytesAt(buffer, start, end, HEARTBEAT)) {
      return { rejected: 'unknown_channel' };
    }
    this.servers.heartbeat(this.serverKey, now);
    return TAKEN.heartbeat;
  }

  private status(text: string, now: number): Published {
    const status = parseStatus(text);
    if (!status) return MALFORMED;
    return outcome(this.relay.apply(this.statusEvent(status, now), now), TAKEN[status.kind]);
  }

  private statusEvent(status: StatusMessage, now: number): TurnEvent {
    const origin = this.originAt(now);
    const { high, low } = this.channel;
    const { principal } = this;
    if (status.kind === 'deleted') return { kind: 'deleted', origin, high, low, principal };
    const { kind, lifetimeSeconds, endpoint } = status;
    return { kind, origin, high, low, principal, lifetimeSeconds, endpoint };
  }

  private counted(kind: 'traffic' | 'totals', leg: Leg, taken: { kind: EventKind }, now: number): Published {
    const { values } = this.counts;
    const event = {
      kind,
      origin: this.originAt(now),
      high: this.channel.high,
      low: this.channel.low,
      principal: this.principal,
      leg,
      receivedPackets: values[0] ?? 0,
      receivedBytes: values[1] ?? 0,
      sentPackets: values[2] ?? 0,
      sentBytes: values[3] ?? 0,
    };
    return outcome(this.relay.apply(event, now), taken);
  }

  private originAt(now: number): number {
    const { thread } = this.channel;
    if (thread !== this.thread || !this.relay.origins.has(this.origin)) {
      this.origin = this.servers.originOf(this.serverKey, this.channel, this.speaker, now);
      this.thread = thread;
    }
    return this.origin;
  }
}

function outcome(applied: Outcome, taken: { readonly kind: EventKind }): Published {
  switch (applied) {
    case 'applied':
      return taken;
    case 'unknown':
      return { rejected: 'unknown_allocation' };
    case 'full':
      return { rejected: 'full' };
  }
}

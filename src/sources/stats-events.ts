import type { ByteText } from '../coturn/byte-pattern';
import { StatsChannel } from '../coturn/stats-channel';
import { parseStatus, TrafficMessage, type StatusMessage } from '../coturn/stats-message';
import { CLIENT_LEG, PEER_LEG, type Leg } from '../turn/counts';
import type { LegEvent, Outcome, Principal, TurnEvent } from '../turn/event';
import type { Relay } from '../turn/relay';
import type { SourceCounters, Tally } from './source-counters';

/** What coturn publishes of allocations. */
export const ALLOCATION_EVENTS = [
  'new',
  'refreshed',
  'deleted',
  'traffic',
  'traffic_peer',
  'total',
  'total_peer',
] as const;
export type AllocationEvent = (typeof ALLOCATION_EVENTS)[number];
export type MessageRejection = 'malformed' | 'unknown_allocation' | 'full';

/** What a message is about: the kinds of `TurnEvent`, as far as coturn publishes them. */
export type MessageKind = Exclude<TurnEvent['kind'], 'found'>;

/** Knows which life of which server tells of an allocation; what that is said by, differs from source to source. */
export interface OriginFinder {
  /**
   * The origin that the message in `channel` is to be applied with, or what it is to be counted as instead. `local`: the
   * server's own `ip:port`, where the message names it.
   */
  originFor(channel: StatsChannel, kind: MessageKind, local: string, now: number): number | Tally;
}

/** Where a message stands in the bytes: `[1]` is its channel's place, `[2]` its text's, as in `PUBLISH channel text`. */
export interface MessagePlaces {
  readonly text: ByteText;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** Turns what coturn publishes into events for the relay, in place: no string is made for a known allocation. */
export class StatsEvents {
  private readonly channel = new StatsChannel();
  private readonly counts = new TrafficMessage();
  private readonly principal = (): Principal => this.channel.principal();

  constructor(
    private readonly relay: Relay,
    private readonly origins: OriginFinder,
    private readonly counters: SourceCounters<AllocationEvent, MessageRejection>,
  ) {}

  /** The bytes of messages taken before are no more. */
  forget(): void {
    this.channel.forget();
  }

  /** `now` is the relay's clock. Gives what the message is to be counted as; undefined: the channel is no allocation's. */
  take({ text, starts, ends }: MessagePlaces, now: number): Tally | undefined {
    const { channel } = this;
    const { taken, refused } = this.counters;
    if (!channel.parse(text, starts[1] ?? 0, ends[1] ?? 0)) return undefined;
    if (channel.kind === 'status') return this.status(text.buffer.toString('utf8', starts[2], ends[2]), now);
    if (!this.counts.parse(text, starts[2] ?? 0, ends[2] ?? 0)) return refused.malformed;
    switch (channel.kind) {
      case 'traffic':
        return this.counted('traffic', CLIENT_LEG, taken.traffic, now);
      case 'traffic/peer':
        return this.counted('traffic', PEER_LEG, taken.traffic_peer, now);
      case 'total_traffic':
        return this.counted('totals', CLIENT_LEG, taken.total, now);
      case 'total_traffic/peer':
        return this.counted('totals', PEER_LEG, taken.total_peer, now);
    }
  }

  private status(text: string, now: number): Tally {
    const status = parseStatus(text);
    if (!status) return this.counters.refused.malformed;
    const local = status.kind === 'deleted' ? '' : status.local;
    const origin = this.origins.originFor(this.channel, status.kind, local, now);
    if (typeof origin !== 'number') return origin;
    return this.tally(this.relay.apply(this.statusEvent(status, origin), now), this.counters.taken[status.kind]);
  }

  private statusEvent(status: StatusMessage, origin: number): TurnEvent {
    const { high, low } = this.channel;
    const { principal } = this;
    if (status.kind === 'deleted') return { kind: 'deleted', origin, high, low, principal };
    const { kind, lifetimeSeconds, endpoint } = status;
    return { kind, origin, high, low, principal, lifetimeSeconds, endpoint };
  }

  private counted(kind: LegEvent['kind'], leg: Leg, taken: Tally, now: number): Tally {
    const { values } = this.counts;
    const origin = this.origins.originFor(this.channel, kind, '', now);
    if (typeof origin !== 'number') return origin;
    const event: LegEvent = {
      kind,
      origin,
      high: this.channel.high,
      low: this.channel.low,
      principal: this.principal,
      leg,
      receivedPackets: values[0] ?? 0,
      receivedBytes: values[1] ?? 0,
      sentPackets: values[2] ?? 0,
      sentBytes: values[3] ?? 0,
    };
    return this.tally(this.relay.apply(event, now), taken);
  }

  private tally(outcome: Outcome, taken: Tally): Tally {
    switch (outcome) {
      case 'applied':
        return taken;
      case 'unknown':
        return this.counters.refused.unknown_allocation;
      case 'full':
        return this.counters.refused.full;
    }
  }
}

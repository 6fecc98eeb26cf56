import { BytePattern, type ByteText } from '../../coturn/byte-pattern';
import { StatsChannel } from '../../coturn/stats-channel';
import { parseStatus, TrafficMessage, type StatusMessage } from '../../coturn/stats-message';
import { CLIENT_LEG, PEER_LEG, type Leg } from '../../turn/counts';
import type { LegEvent, Outcome, Principal, TurnEvent } from '../../turn/event';
import type { Relay } from '../../turn/relay';
import type { Tally } from '../source-counters';
import type { StatsdbCounters } from './counters';
import type { Life, Servers, Speaker } from './servers';

const HEARTBEAT = new BytePattern('__XXX__');

/** Where the arguments of a command stand in the buffer. */
export interface CommandPlaces {
  readonly text: ByteText;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** Turns what one connection publishes into events for the relay, in place: no string is made for a known allocation. */
export class Publisher {
  private readonly channel = new StatsChannel();
  private readonly counts = new TrafficMessage();
  /** Of the last message: a connection speaks for one thread of one life, as a rule. */
  private thread = -1;
  private life: Life | undefined;
  private readonly principal = (): Principal => this.channel.principal();

  constructor(
    private readonly relay: Relay,
    private readonly servers: Servers,
    private readonly serverKey: string,
    private readonly speaker: Speaker,
    private readonly counters: StatsdbCounters,
  ) {}

  /**
   * Takes a PUBLISH command: the channel is its second argument, the message its third. `now` is the relay's clock.
   * Gives what it is to be counted as.
   */
  publish(command: CommandPlaces, now: number): Tally {
    const { text, starts, ends } = command;
    const { channel } = this;
    const { taken } = this.counters;
    if (!channel.parse(text, starts[1] ?? 0, ends[1] ?? 0)) return this.other(command, now);
    if (channel.kind === 'status') return this.status(text.buffer.toString('utf8', starts[2], ends[2]), now);
    if (!this.counts.parse(text, starts[2] ?? 0, ends[2] ?? 0)) return this.counters.refused.malformed;
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

  private other({ text, starts, ends }: CommandPlaces, now: number): Tally {
    const [start, end] = [starts[1] ?? 0, ends[1] ?? 0];
    if (end - start !== HEARTBEAT.length || !HEARTBEAT.isAt(text.view, start, end)) {
      return this.counters.refused.unknown_channel;
    }
    this.servers.heartbeat(this.serverKey, now);
    return this.counters.taken.heartbeat;
  }

  private status(text: string, now: number): Tally {
    const status = parseStatus(text);
    if (!status) return this.counters.refused.malformed;
    return this.tally(this.relay.apply(this.statusEvent(status, now), now), this.counters.taken[status.kind]);
  }

  private statusEvent(status: StatusMessage, now: number): TurnEvent {
    const origin = this.originAt(now);
    const { high, low } = this.channel;
    const { principal } = this;
    if (status.kind === 'deleted') return { kind: 'deleted', origin, high, low, principal };
    const { kind, lifetimeSeconds, endpoint } = status;
    return { kind, origin, high, low, principal, lifetimeSeconds, endpoint };
  }

  private counted(kind: LegEvent['kind'], leg: Leg, taken: Tally, now: number): Tally {
    const { values } = this.counts;
    const event: LegEvent = {
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
    return this.tally(this.relay.apply(event, now), taken);
  }

  private originAt(now: number): number {
    const { thread } = this.channel;
    if (!this.life || this.life.over || thread !== this.thread) {
      this.life = this.servers.lifeFor(this.serverKey, this.channel, this.speaker, now);
      this.thread = thread;
    }
    return this.life.origin;
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

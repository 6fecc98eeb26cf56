import { BytePattern } from '../../coturn/byte-pattern';
import type { StatsChannel } from '../../coturn/stats-channel';
import type { Relay } from '../../turn/relay';
import type { Tally } from '../source-counters';
import { StatsEvents, type MessageKind, type MessagePlaces, type OriginFinder } from '../stats-events';
import type { StatsdbCounters } from './counters';
import type { Life, Servers, Speaker } from './servers';

const HEARTBEAT = new BytePattern('__XXX__');

/** Takes what one connection publishes: a connection speaks for one relay thread of one life, as a rule. */
export class Publisher implements OriginFinder {
  private readonly events: StatsEvents;
  /** Of the last message. */
  private thread = -1;
  private life: Life | undefined;

  constructor(
    relay: Relay,
    private readonly servers: Servers,
    private readonly serverKey: string,
    private readonly speaker: Speaker,
    private readonly counters: StatsdbCounters,
  ) {
    this.events = new StatsEvents(relay, this, counters);
  }

  /**
   * Takes a PUBLISH command: the channel is its second argument, the message its third. `now` is the relay's clock.
   * Gives what it is to be counted as.
   */
  publish(command: MessagePlaces, now: number): Tally {
    const taken = this.events.take(command, now);
    if (taken) return taken;
    const [start, end] = [command.starts[1] ?? 0, command.ends[1] ?? 0];
    if (end - start !== HEARTBEAT.length || !HEARTBEAT.isAt(command.text.view, start, end)) {
      return this.counters.refused.unknown_channel;
    }
    this.servers.heartbeat(this.serverKey, now);
    return this.counters.taken.heartbeat;
  }

  originFor(channel: StatsChannel, _kind: MessageKind, _local: string, now: number): number {
    const { thread } = channel;
    if (!this.life || this.life.over || thread !== this.thread) {
      this.life = this.servers.lifeFor(this.serverKey, channel, this.speaker, now);
      this.thread = thread;
    }
    return this.life.origin;
  }
}

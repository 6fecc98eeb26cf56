import { byteText } from '../../../../src/coturn/byte-pattern';
import { statusKey } from '../../../../src/coturn/stats-channel';
import { createRedisCounters } from '../../../../src/sources/redis/counters';
import { RedisOrigins } from '../../../../src/sources/redis/redis-origins';
import { StatsEvents } from '../../../../src/sources/stats-events';
import type { ClosedAllocation } from '../../../../src/turn/fact';
import { Relay } from '../../../../src/turn/relay';

const padded = (id: number): string => String(id).padStart(18, '0');

export const keyOf = (user: string, id = 1): string => statusKey({ realm: 'r', username: user }, padded(id));

/** What Redis would publish, without Redis; the time is in the test's hand. */
export class RedisLines {
  now = 1000;
  readonly closed: ClosedAllocation[] = [];
  readonly counters = createRedisCounters();
  readonly relay = new Relay(
    { lingerMs: 10_000, separator: ':', maxAllocations: 1000, realms: [] },
    { allocationClosed: (allocation) => this.closed.push(allocation) },
  );
  readonly origins: RedisOrigins;
  private readonly events: StatsEvents;

  constructor(servers: readonly string[] = []) {
    const { relay, counters } = this;
    this.origins = new RedisOrigins({ relay, nameOf: (address) => `at ${address}`, servers, counters });
    this.events = new StatsEvents(relay, this.origins, counters);
  }

  publish(channel: string, message: string): void {
    const texts = ['', channel, message].map((text) => Buffer.from(text));
    const ends = Int32Array.from([0, texts[1]?.length ?? 0, (texts[1]?.length ?? 0) + (texts[2]?.length ?? 0)]);
    const starts = Int32Array.from([0, 0, ends[1] ?? 0]);
    const tally = this.events.take({ text: byteText(Buffer.concat(texts)), starts, ends }, this.now);
    (tally ?? this.counters.refused.unknown_channel).count++;
  }

  begin(user: string, id = 1, local = '192.0.2.1:3478', remote = `198.51.100.1:${id}`): void {
    this.publish(
      keyOf(user, id),
      `new lifetime=600, type=UDP, local=${local}, remote=${remote}, ssl=NONE, cipher=NONE`,
    );
  }

  counts(user: string, kind: string, bytes: number, id = 1): void {
    this.publish(keyOf(user, id).replace(/status$/, kind), `rcvp=1, rcvb=${bytes}, sentp=1, sentb=${bytes}`);
  }

  end(user: string, bytes: number, id = 1): void {
    this.publish(keyOf(user, id), 'deleted');
    this.counts(user, 'total_traffic', bytes, id);
    this.counts(user, 'total_traffic/peer', bytes, id);
  }

  /** The keys of the origins that there are. */
  keys(): string[] {
    return this.relay.origins.all().map((origin) => this.relay.origins.keyOf(origin));
  }
}

import { byteText } from '../../src/coturn/byte-pattern';
import { createStatsdbCounters, type StatsdbCounters } from '../../src/sources/statsdb/counters';
import { Publisher } from '../../src/sources/statsdb/publisher';
import { serverKey, Servers } from '../../src/sources/statsdb/servers';
import type { LegCounts } from '../../src/turn/counts';
import type { ClosedAllocation, ClosedSession } from '../../src/turn/fact';
import { Relay } from '../../src/turn/relay';

/** A leg's counts in the order of a row. */
export function legRow(counts: LegCounts): number[] {
  return [counts.receivedPackets, counts.receivedBytes, counts.sentPackets, counts.sentBytes];
}

/** A stats connection without the socket. */
export class Line {
  closed = false;
  beatAt: number | undefined;
  private readonly publisher: Publisher;

  constructor(
    private readonly harness: StatsHarness,
    private readonly key: string,
  ) {
    harness.servers.join(key, this);
    this.publisher = new Publisher(harness.relay, harness.servers, key, this, harness.counters);
  }

  publish(channel: string, message: string): void {
    const texts = ['publish', channel, message].map((text) => Buffer.from(text));
    const ends = new Int32Array(8);
    const starts = new Int32Array(8);
    texts.forEach((text, i) => {
      starts[i] = i === 0 ? 0 : (ends[i - 1] ?? 0);
      ends[i] = (starts[i] ?? 0) + text.length;
    });
    this.publisher.publish({ text: byteText(Buffer.concat(texts)), starts, ends }, this.harness.now).count++;
    if (channel === '__XXX__') this.beatAt = this.harness.now;
  }

  close(): void {
    this.closed = true;
    this.harness.servers.leave(this.key, this, this.harness.now);
  }
}

/** Relay, servers and connections, with the time in the test's hand. */
export class StatsHarness {
  now = 0;
  private readonly closedSessions: ClosedSession[] = [];
  private readonly closedAllocations: ClosedAllocation[] = [];
  readonly counters: StatsdbCounters = createStatsdbCounters();
  readonly relay = new Relay(
    { lingerMs: 10_000, separator: ':', maxAllocations: 10_000, realms: ['example.org'] },
    {
      sessionClosed: (session) => this.closedSessions.push(session),
      allocationClosed: (allocation) => this.closedAllocations.push(allocation),
    },
  );
  readonly servers = new Servers(
    this.relay,
    { nameOf: (address) => address, isOneLife: () => false },
    {
      lifeEnded: (_key, origin, now) => {
        this.relay.endOrigin(origin, now);
      },
      threadLost: () => undefined,
      connected: () => undefined,
    },
  );

  line(address = '127.0.0.1', database = 0): Line {
    return new Line(this, serverKey(address, database));
  }

  /** Lets time pass in steps of a second, as the agent does. */
  pass(seconds: number): void {
    for (let i = 0; i < seconds; i++) {
      this.now += 1000;
      this.servers.advance(this.now);
      this.relay.advance(this.now);
    }
  }

  /** The sum over all realms and transports. */
  counted(): number[] {
    const sum = new Array<number>(8).fill(0);
    for (const cell of this.relay.totals.cells) cell.traffic.forEach((value, at) => (sum[at] = (sum[at] ?? 0) + value));
    return sum;
  }

  sessions(): readonly ClosedSession[] {
    return this.closedSessions;
  }

  allocations(): readonly ClosedAllocation[] {
    return this.closedAllocations;
  }
}

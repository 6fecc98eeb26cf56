import { lookup } from 'node:dns/promises';
import type { Clock } from '../../lib/clock';
import type { Logger } from '../../lib/logger';
import type { Service } from '../../lib/services';
import type { FleetRelay } from '../fleet-relay';
import type { FleetView } from '../fleet-view';
import { BindingSockets, type ProbeOutcome } from './binding-sockets';
import { Measurements } from './measurements';
import { NameCache } from './name-cache';
import { ProbeCounts } from './probe-counts';
import { stunTarget } from './stun-target';

export interface RoundTripsOptions {
  readonly view: Pick<FleetView, 'relays'>;
  /** This relay, which is not asked. */
  readonly server: string;
  readonly region: string | undefined;
  /** Each relay is asked once in so many milliseconds, 1000 or more. */
  readonly everyMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Of a larger fleet others are asked each time. */
const MAX_RELAYS = 2000;
const EXPIRE_MS = 250;
/** Between two rounds. */
const PAUSE_MS = 250;

/** Measures how far the other relays are: a STUN Binding to the TURN port of each, spread over the time that there is. */
export class RoundTrips implements Service {
  readonly name = 'round trips';
  readonly counts: ProbeCounts;
  private readonly measurements = new Measurements();
  private readonly names: NameCache;
  private readonly sockets: BindingSockets;
  private ended = new AbortController();

  constructor(private readonly options: RoundTripsOptions) {
    const { region, clock } = options;
    this.counts = new ProbeCounts(region);
    this.sockets = new BindingSockets(clock);
    // A lookup can't be called off; what comes of it after the stop goes nowhere.
    this.names = new NameCache(async (name) => (await lookup(name)).address, clock);
  }

  start(): Promise<void> {
    const { clock, logger } = this.options;
    this.ended = new AbortController();
    const { signal } = this.ended;
    const failed = (error: unknown): void => {
      logger.error({ err: error }, 'round trips could not be measured');
    };
    const expire = (): void => {
      this.sockets.expire();
    };
    clock.every(EXPIRE_MS, expire, signal, failed);
    clock.every(PAUSE_MS, () => this.round(signal), signal, failed);
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.ended.abort();
    this.sockets.close();
    return Promise.resolve();
  }

  /** From here to the relays of each region, milliseconds; also to those that answered within the last hour. */
  byRegion(): Readonly<Record<string, number>> {
    return this.measurements.byRegion(this.options.clock.monotonic());
  }

  /** Each relay has its part of the time, and is asked at a random moment of it. While there is none, it looks again soon. */
  private async round(signal: AbortSignal): Promise<void> {
    const lastsMs = this.options.everyMs - PAUSE_MS;
    const began = this.options.clock.monotonic();
    const relays = this.pick();
    if (relays.length === 0) return;
    const part = lastsMs / relays.length;
    for (const [i, relay] of relays.entries()) {
      await this.until(began + (i + Math.random()) * part, signal);
      this.probe(relay);
    }
    await this.until(began + lastsMs, signal);
  }

  /** They begin anywhere: no relay is asked by all agents at once, and none of a large fleet is left out for long. */
  private pick(): readonly FleetRelay[] {
    const { view, server } = this.options;
    const others = view.relays().filter((relay) => relay.server !== server);
    const first = Math.floor(Math.random() * others.length);
    return [...others.slice(first), ...others.slice(0, first)].slice(0, MAX_RELAYS);
  }

  private async until(at: number, signal: AbortSignal): Promise<void> {
    const ms = at - this.options.clock.monotonic();
    if (ms > 0) await this.options.clock.sleep(ms, signal);
    signal.throwIfAborted();
  }

  private probe({ server, node: { uris, region } }: FleetRelay): void {
    const target = stunTarget(uris);
    if (!target) return;
    const noted = (outcome: ProbeOutcome): void => {
      this.counts.note(region, outcome);
      if (outcome.kind === 'answered')
        this.measurements.note(server, region, outcome.ms, this.options.clock.monotonic());
    };
    const resolved = this.names.resolve(target.host);
    if (resolved.kind === 'address') this.sockets.ask(resolved.address, target.port, noted);
    else if (resolved.kind === 'unknown') noted({ kind: 'unsent' });
  }
}

import type { Config } from '../../config/schema';
import type { Clock } from '../../lib/clock';
import type { Logger } from '../../lib/logger';
import type { Service } from '../../lib/services';
import { noTracer, type Tracer } from '../../lib/tracer';
import type { Relay } from '../../turn/relay';
import { StatsEvents } from '../stats-events';
import { RedisAsker } from './asker';
import { createRedisCounters } from './counters';
import { RedisGaps, type RedisWitness } from './gaps';
import { ownAddresses } from './own-addresses';
import type { PushReader } from './push-reader';
import { RedisOrigins } from './redis-origins';
import { RedisSubscriber } from './subscriber';
import { redisTarget } from './target';
import { tracedAsker } from './traced-asker';

export interface RedisSourceOptions {
  readonly config: NonNullable<Config['sources']['redis']>;
  readonly relay: Relay;
  /** What records call the coturn on this machine. */
  readonly ownName: string;
  /** What a run of the agent before this one knew, its times by this boot's clock; undefined: nothing. */
  readonly witness: RedisWitness | undefined;
  readonly tracer?: Tracer;
  readonly clock: Clock;
  readonly logger: Logger;
}

const TICK_MS = 1000;
/** An allocation that is known goes without a word for less than that. */
const FORGET_IDLE_MS = 7_200_000;
/** coturn's last words may still be on their way through Redis. */
const LAST_WORDS_MS = 2_000;

/** Feeds the relay from a Redis that coturns write to. The relay's time is `Clock.monotonic()`. */
export class RedisSource implements Service {
  readonly name = 'redis';
  readonly counters = createRedisCounters();
  readonly gaps: RedisGaps;
  /** For the figures of Redis itself; undefined before the start. */
  asker: RedisAsker | undefined;
  private subscriber: RedisSubscriber | undefined;
  private readonly origins: RedisOrigins;
  private readonly events: StatsEvents;
  private readonly over = new AbortController();
  /** When what is being read came. */
  private readAt = 0;

  constructor(private readonly options: RedisSourceOptions) {
    const { relay, witness, clock, logger, ownName, config } = options;
    const { counters } = this;
    const nameOf = (address: string): string => (ownAddresses().has(address) ? ownName : address || 'redis');
    this.origins = new RedisOrigins({ relay, nameOf, servers: config.servers, counters });
    this.events = new StatsEvents(relay, this.origins, counters);
    this.gaps = new RedisGaps({ relay, origins: this.origins, asker: () => this.asker, witness, clock, logger });
  }

  /** Why what coturns publish is not heard, as a sentence; undefined while it is. */
  get problem(): string | undefined {
    return this.subscriber ? this.subscriber.problem : 'not started';
  }

  async start(): Promise<void> {
    const { config, clock, logger } = this.options;
    const target = await redisTarget(config);
    this.origins.restore(clock.monotonic());
    this.asker = tracedAsker(await RedisAsker.create(target), this.options.tracer ?? noTracer);
    this.asker.start();
    const listener = {
      subscribed: () => {
        this.gaps.heard();
      },
      lost: () => {
        this.gaps.unheard();
      },
      chunk: () => {
        this.readAt = clock.monotonic();
        this.events.forget();
      },
      message: (reader: PushReader) => {
        const tally = this.events.take(reader, this.readAt);
        (tally ?? this.counters.refused.unknown_channel).count++;
      },
      oversized: () => {
        this.counters.refused.oversized.count++;
      },
    };
    this.subscriber = new RedisSubscriber({ target, listener, clock, logger });
    this.subscriber.start();
    const failed = (error: unknown): void => {
      logger.error({ err: error }, 'a tick of the Redis source failed');
    };
    const tick = (): void => {
      this.tick(clock.monotonic());
    };
    const forget = (): void => {
      this.origins.forgetIdle();
    };
    clock.every(TICK_MS, tick, this.over.signal, failed);
    clock.every(FORGET_IDLE_MS, forget, this.over.signal, failed);
  }

  async stop(): Promise<void> {
    this.over.abort();
    await this.gaps.stop();
    await this.subscriber?.stop();
    this.asker?.stop();
  }

  /** Kept beside the open rows. */
  witness(): RedisWitness {
    return this.gaps.witness();
  }

  /**
   * The process of the coturn on this machine is gone, and was there at `aliveAt`: what it had open then is lost. Of
   * what began later it is not known whose it is; its lifetime tells.
   */
  async coturnEnded(aliveAt: number): Promise<void> {
    const { clock, relay } = this.options;
    await clock.sleep(LAST_WORDS_MS, this.over.signal).catch(() => undefined);
    if (this.over.signal.aborted) return;
    const lost = this.origins
      .atAddresses(ownAddresses())
      .flatMap((origin) => [...relay.view.allocations(origin)])
      .filter((slot) => relay.view.startedAt(slot) < aliveAt);
    relay.giveUp(lost, clock.monotonic());
  }

  private tick(now: number): void {
    this.options.relay.advance(now);
    this.origins.advance();
  }
}

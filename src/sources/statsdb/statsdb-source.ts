import { lifeOfDatabase, reachable, statsdbDatabase } from '../../coturn/turnserver-conf';
import type { ListenAddress } from '../../config/units';
import type { Clock } from '../../lib/clock';
import type { Logger } from '../../lib/logger';
import type { Service } from '../../lib/services';
import type { Relay } from '../../turn/relay';
import { createStatsdbCounters } from './counters';
import { KeySpace } from './key-space';
import { Password } from './password';
import { serverKey, Servers } from './servers';
import { StatsdbServer } from './statsdb-server';

export interface StatsdbSourceOptions {
  readonly listen: ListenAddress;
  readonly password: string;
  /** What records call the coturn that the agent runs. */
  readonly ownName: string;
  readonly relay: Relay;
  readonly clock: Clock;
  readonly logger: Logger;
}

const TICK_MS = 1000;

/** Feeds the relay from the stats connections of coturn. The relay's time is `Clock.monotonic()`. */
export class StatsdbSource implements Service {
  readonly name = 'statsdb';
  readonly counters = createStatsdbCounters();
  private readonly servers: Servers;
  private readonly server: StatsdbServer;
  private readonly ended = new AbortController();

  constructor(private readonly options: StatsdbSourceOptions) {
    const { relay, clock, listen, logger } = options;
    this.servers = new Servers(relay, (address, database) => this.nameOf(address, database));
    this.server = new StatsdbServer(
      listen,
      {
        relay,
        servers: this.servers,
        keys: new KeySpace(relay),
        password: new Password(options.password),
        counters: this.counters,
        now: () => clock.monotonic(),
      },
      logger,
    );
  }

  async start(): Promise<void> {
    const { clock, logger } = this.options;
    await this.server.start();
    const tick = (): void => {
      this.tick(clock.monotonic());
    };
    clock.every(TICK_MS, tick, this.ended.signal, (error) => {
      logger.error({ err: error }, 'the relay state could not be advanced');
    });
  }

  async stop(): Promise<void> {
    this.ended.abort();
    await this.server.stop();
  }

  /** Where coturn can reach it, once started. */
  address(): ListenAddress {
    const { host, port } = this.server.address();
    return { host: reachable(host), port };
  }

  /** coturn's ids of what a life of the agent's own coturn has open, or has not settled yet. */
  openAllocations(lifeNumber: number): string[] {
    const { relay } = this.options;
    return this.servers
      .originsOf(this.keyOf(lifeNumber))
      .flatMap((origin) => Array.from(relay.openSlots(origin), (slot) => relay.idOf(slot)));
  }

  /** `Clock.monotonic()` of the last heartbeat of a life of the agent's own coturn. */
  lastHeartbeat(lifeNumber: number): number | undefined {
    return this.servers.lastHeartbeat(this.keyOf(lifeNumber));
  }

  /** The same of any coturn. */
  newestHeartbeat(): number | undefined {
    return this.servers.newestHeartbeat();
  }

  /** The process is gone: what it had open is lost, once its last words are read. */
  lifeEnded(lifeNumber: number): void {
    this.servers.ended(this.keyOf(lifeNumber), this.options.clock.monotonic());
  }

  private tick(now: number): void {
    this.servers.advance(now);
    this.server.advance(now);
    this.options.relay.advance(now);
  }

  private keyOf(lifeNumber: number): string {
    return serverKey(this.address().host, statsdbDatabase(lifeNumber));
  }

  private nameOf(address: string, database: number): string {
    const isOwn = lifeOfDatabase(database) !== undefined && address === this.address().host;
    return isOwn ? this.options.ownName : serverKey(address, database);
  }
}

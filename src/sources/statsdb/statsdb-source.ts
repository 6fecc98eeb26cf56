import type { ListedSession } from '../../coturn/session-listing';
import { lifeOfDatabase, reachable, statsdbDatabase } from '../../coturn/turnserver-conf';
import type { ListenAddress } from '../../config/units';
import type { Clock } from '../../lib/clock';
import type { Logger } from '../../lib/logger';
import type { Service } from '../../lib/services';
import type { TurnEvent } from '../../turn/event';
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

  /**
   * Takes up what a life of the agent's own coturn has under way. The listing is at most 5 s old: that long an
   * allocation that has ended since is known, and does not come back.
   */
  adopt(lifeNumber: number, sessions: readonly ListedSession[]): void {
    if (sessions.length === 0) return;
    const { relay, clock } = this.options;
    const now = clock.monotonic();
    const origin = this.servers.originOfOnlyLife(this.address().host, statsdbDatabase(lifeNumber), now);
    for (const session of sessions) relay.apply(foundEvent(session, origin), now);
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

function foundEvent(session: ListedSession, origin: number): TurnEvent {
  return {
    kind: 'found',
    origin,
    high: Number(session.id.slice(0, 9)),
    low: Number(session.id.slice(9)),
    principal: () => session,
    endpoint: session,
    ageSeconds: session.startedSecondsAgo,
    lifetimeSeconds: session.expiresInSeconds,
  };
}

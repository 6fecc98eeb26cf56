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
import { serverKey, Servers, type ServerNames } from './servers';
import { StatsdbServer } from './statsdb-server';

export interface StatsdbSourceOptions {
  readonly listen: ListenAddress;
  readonly password: string;
  /** What records call the coturn that the agent runs. */
  readonly ownName: string;
  readonly relay: Relay;
  readonly lives: OwnLives;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Told what becomes of the lives of the agent's own coturn, by their numbers. */
interface OwnLives {
  /** Ends the origin in the relay, at once or when what the life did not tell has been found out. */
  readonly ended: (lifeNumber: number, origin: number, diedAt: number) => void;
  /** A relay thread's connection broke: what it tells meanwhile is heard by nobody. */
  readonly threadLost: (lifeNumber: number) => void;
  /** A connection of it is there. */
  readonly connected: (lifeNumber: number) => void;
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
    const names: ServerNames = {
      nameOf: (address, database) => this.nameOf(address, database),
      isOneLife: (key) => this.lifeOf(key) !== undefined,
    };
    this.servers = new Servers(relay, names, {
      lifeEnded: (key, origin, now) => {
        this.endLife(key, origin, now);
      },
      threadLost: (key) => {
        this.tellOfOwn(key, options.lives.threadLost);
      },
      connected: (key) => {
        this.tellOfOwn(key, options.lives.connected);
      },
    });
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
    this.servers.restore(clock.monotonic());
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
      .flatMap((origin) => Array.from(relay.view.allocations(origin), (slot) => relay.view.idOf(slot)));
  }

  /**
   * Takes up what a life of the agent's own coturn has under way. The listing is at most 5 s old: that long an
   * allocation that has ended since is known, and does not come back.
   */
  adopt(lifeNumber: number, sessions: readonly ListedSession[]): void {
    if (sessions.length === 0) return;
    const { relay, clock } = this.options;
    const now = clock.monotonic();
    const origin = this.originOf(lifeNumber);
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
    // One that no connection ever spoke for has an end too.
    this.originOf(lifeNumber);
    this.servers.ended(this.keyOf(lifeNumber), this.options.clock.monotonic());
  }

  /** Of the lives that another run of the agent knew, only this one goes on. */
  onlyLife(lifeNumber: number): void {
    const now = this.options.clock.monotonic();
    for (const key of this.servers.keys()) {
      const life = this.lifeOf(key);
      if (life !== undefined && life !== lifeNumber) this.servers.ended(key, now);
    }
  }

  /** The origin of what a life of the agent's own coturn has open, made where there is none. */
  originOf(lifeNumber: number): number {
    const { clock } = this.options;
    return this.servers.originOfOnlyLife(this.host, statsdbDatabase(lifeNumber), clock.monotonic());
  }

  /** Whether a life of the agent's own coturn has any connection. */
  isConnected(lifeNumber: number): boolean {
    return this.servers.isConnected(this.keyOf(lifeNumber));
  }

  /** The life of the agent's own coturn that an origin is; undefined for others. */
  lifeOfOrigin(origin: number): number | undefined {
    return this.lifeOf(this.options.relay.origins.keyOf(origin));
  }

  private tick(now: number): void {
    this.servers.advance(now);
    this.server.advance(now);
    this.options.relay.advance(now);
  }

  private keyOf(lifeNumber: number): string {
    return serverKey(this.host, statsdbDatabase(lifeNumber));
  }

  private endLife(key: string, origin: number, now: number): void {
    const life = this.lifeOf(key);
    if (life === undefined) this.options.relay.endOrigin(origin, now);
    else this.options.lives.ended(life, origin, now);
  }

  private tellOfOwn(key: string, tell: (lifeNumber: number) => void): void {
    const life = this.lifeOf(key);
    if (life !== undefined) tell(life);
  }

  private nameOf(address: string, database: number): string {
    const key = serverKey(address, database);
    return this.lifeOf(key) === undefined ? key : this.options.ownName;
  }

  /** The number of the life, where the key is one of the agent's own coturn. */
  private lifeOf(key: string): number | undefined {
    const at = key.lastIndexOf('/');
    return key.slice(0, at) === this.host ? lifeOfDatabase(Number(key.slice(at + 1))) : undefined;
  }

  /** Where the agent's own coturn connects from, and to. */
  private get host(): string {
    return reachable(this.options.listen.host);
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

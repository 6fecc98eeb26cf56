import { hostname } from 'node:os';
import { NetworkSampler } from '../collectors/network-sampler';
import { systemRoots } from '../collectors/system-files';
import type { Config } from '../config/schema';
import type { LicodeSource } from '../licode/licode-source';
import { LogTail } from '../sources/log-tail';
import type { RedisSource } from '../sources/redis/redis-source';
import type { RedisWitness } from '../sources/redis/gaps';
import { StatsdbSource } from '../sources/statsdb/statsdb-source';
import { ownerOf } from '../credentials/label';
import type { FactListener } from '../turn/fact';
import { Relay } from '../turn/relay';
import { Ledger } from '../usage/ledger';
import type { LogRecovery } from '../usage/log-recovery';
import { newSession } from '../usage/relay-sessions';
import { SessionCounts } from '../usage/session-counts';
import { UsageFeed } from '../usage/usage-feed';
import type { Context } from './context';
import { createRecovery, logPath } from './recovery';
import { allocationFacts, createTraces, type Traces } from './traces';

/** What is known of the relay, where it comes from, and where it is kept. */
export interface State {
  readonly relay: Relay;
  readonly ledger: Ledger;
  /** What coturn tells comes over one of the two. */
  readonly statsdb: StatsdbSource | undefined;
  readonly redis: RedisSource | undefined;
  /** What media servers say, where they are asked. */
  readonly licode: LicodeSource | undefined;
  readonly log: LogTail;
  /** Where the log is that of the agent's own coturn. */
  readonly recovery: LogRecovery | undefined;
  readonly feed: UsageFeed;
  readonly networkSampler: NetworkSampler;
  readonly sessionCounts: SessionCounts;
  readonly traces: Traces | undefined;
  /** A life of coturn has a stats connection, again or for the first time. */
  onConnected: () => void;
  /** coturn runs on without this agent. */
  isReleased: boolean;
}

/** Facts of the relay go to the ledger and to whoever watches; what the log adds comes back into the relay. */
export async function createState(context: Context): Promise<State> {
  const { config, usage, bootId, clock, logger } = context;
  const feed = new UsageFeed();
  const sessionCounts = new SessionCounts();
  const traces = createTraces(context, () => relay);
  const relay: Relay = createRelay(config, {
    ...factListener(context, traces, () => state),
    ...allocationFacts(traces),
  });
  const { file, opened: openedFile, kept } = usage;
  const redis = await createRedis(context, relay);
  const licode = await createLicode(context);
  const witness = (): object => recovery?.witness() ?? redis?.witness() ?? {};
  const ledger = new Ledger({ file, opened: openedFile, kept, relay, clock, logger, bootId, witness });
  const recovery = createRecovery(context, relay, () => statsdb);
  const log = recovery?.tail ?? new LogTail({ path: logPath(config), clock, logger });
  const onConnected = (): void => {
    state.onConnected();
  };
  const statsdb = redis ? undefined : createStatsdb(context, relay, recovery, onConnected);
  if (countsSessions(config)) countRestored(relay, sessionCounts);
  const state: State = {
    relay,
    ledger,
    statsdb,
    redis,
    licode,
    log,
    recovery,
    feed,
    sessionCounts,
    traces,
    networkSampler: new NetworkSampler(systemRoots, clock, logger),
    onConnected: () => undefined,
    isReleased: false,
  };
  return state;
}

/** What becomes of sessions, told to whoever keeps or shows them. */
function factListener({ config, clock }: Context, traces: Traces | undefined, state: () => State): FactListener {
  const isCounting = countsSessions(config);
  return {
    sessionOpened: (describe) => {
      const { feed, ledger, sessionCounts } = state();
      if (!feed.isWatched && !isCounting && !traces) return;
      const session = describe();
      traces?.sessions.sessionOpened(session);
      if (isCounting) sessionCounts.opened(ownerOf(session.userId));
      const data = newSession(session, ledger.idOf(session.sequence), clock.now() - clock.monotonic());
      feed.publish({ type: 'session_opened', data });
    },
    allocationEnded: (id, reason) => state().recovery?.allocationEnded(id, reason),
    sessionClosed: (session) => {
      const { feed, ledger, sessionCounts } = state();
      if (isCounting) sessionCounts.closed(ownerOf(session.userId));
      const data = ledger.sessionClosed(session);
      traces?.sessions.sessionClosed(session, data);
      feed.publish({ type: 'session_closed', data });
    },
  };
}

/** Only for a quota. */
function countsSessions({ credentials }: Config): boolean {
  return credentials.quota.sessions !== undefined;
}

function countRestored({ view }: Relay, counts: SessionCounts): void {
  for (const slot of view.sessionsFrom(0)) counts.opened(ownerOf(view.session(slot).userId));
}

function createRelay({ sessions, sources, coturn }: Config, facts: FactListener): Relay {
  const options = {
    lingerMs: sessions.linger * 1000,
    separator: sessions.separator,
    maxAllocations: sources.statsdb.maxAllocations,
    realms: [coturn.realm],
  };
  return new Relay(options, facts);
}

function createStatsdb(
  { config, secrets, clock, logger }: Context,
  relay: Relay,
  recovery: LogRecovery | undefined,
  onConnected: () => void,
): StatsdbSource {
  return new StatsdbSource({
    listen: config.sources.statsdb.listenAddress,
    password: secrets.statsdbPassword,
    ownName: hostname(),
    relay,
    lives: {
      ended: (life, origin, diedAt) => {
        if (recovery) recovery.lifeEnded(life, origin, diedAt);
        else relay.endOrigin(origin, diedAt);
      },
      threadLost: (life) => recovery?.threadLost(life),
      connected: (life) => {
        recovery?.connected(life);
        onConnected();
      },
    },
    clock,
    logger,
  });
}

async function createRedis(
  { config, usage, tracer, clock, logger }: Context,
  relay: Relay,
): Promise<RedisSource | undefined> {
  const { redis } = config.sources;
  if (!redis) return undefined;
  const witness = redisWitness(usage.kept.witness as Partial<RedisWitness> | undefined, usage.kept.shift);
  const { RedisSource } = await import('../sources/redis/redis-source.js');
  return new RedisSource({ config: redis, relay, ownName: hostname(), witness, tracer, clock, logger });
}

/** Its times by this boot's clock. */
function redisWitness(kept: Partial<RedisWitness> | undefined, shift: number): RedisWitness | undefined {
  if (kept?.heardAt === undefined) return undefined;
  const { heardAt, runId, runSince, isDatabaseSure = false } = kept;
  return {
    heardAt: heardAt + shift,
    runId,
    runSince: runSince === undefined ? undefined : runSince + shift,
    isDatabaseSure,
  };
}

async function createLicode({ config, clock, logger }: Context): Promise<LicodeSource | undefined> {
  if (!config.licode) return undefined;
  const { LicodeSource } = await import('../licode/licode-source.js');
  return new LicodeSource({ settings: config.licode, clock, logger });
}

import { stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { createCollectors } from './collectors';
import { Exposition } from './collectors/exposition';
import { NetworkSampler } from './collectors/network-sampler';
import { systemRoots } from './collectors/system-files';
import type { UsageFigures } from './collectors/usage';
import type { Config } from './config/schema';
import { secretsFile } from './config/secret-store';
import type { Secrets } from './config/secrets';
import { advisoryFor } from './coturn/advisories';
import { createCoturnServer } from './coturn/create-server';
import { readinessOf, sentenceOf } from './coturn/readiness';
import { lifeIn, type CoturnHooks, type CoturnServer } from './coturn/server';
import { logFile } from './coturn/turnserver-conf';
import { createCredentialIssuer, type CredentialIssuer } from './credentials/issuer';
import { createHttpServer, type HttpServer } from './http/server';
import type { Clock } from './lib/clock';
import type { Logger } from './lib/logger';
import { ServiceGroup, type Service } from './lib/services';
import { LogTail } from './sources/log-tail';
import { StatsdbSource } from './sources/statsdb/statsdb-source';
import type { FactListener } from './turn/fact';
import { Relay } from './turn/relay';
import { fileService, type OpenUsage } from './usage/open-usage';
import { HealthWatch } from './usage/health-watch';
import { Ledger } from './usage/ledger';
import { LogRecovery, type LogWitness } from './usage/log-recovery';
import { newSession, RelaySessions } from './usage/relay-sessions';
import { Retention } from './usage/retention';
import { UsageFeed } from './usage/usage-feed';

export interface Context {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly usage: OpenUsage;
  /** Of this boot of the machine. */
  readonly bootId: string;
  /** The agent's own. */
  readonly version: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Everything that runs. */
export interface Agent {
  readonly services: ServiceGroup;
  readonly relay: Relay;
  readonly http: HttpServer;
  /** Leaves coturn running, for another run of the agent to take over. */
  release(): Promise<void>;
}

/** Beyond the stop of coturn, which has its own deadline. */
const STOP_SLACK_MS = 5_000;

/** Makes everything that runs. Services start in the order of the list and stop in reverse. */
export function compose(context: Context): Agent {
  const { config, usage, clock, logger } = context;
  const state = createState(context);
  const { relay, ledger, statsdb, log, recovery, feed } = state;
  const networkSampler = new NetworkSampler(systemRoots, clock, logger);
  const coturn = createCoturn(context, state);
  state.onThreadBack = () => {
    coturn.findSessions();
  };
  const issuer = createCredentialIssuer({ config, secret: context.secrets.authSecret, clock, logger });
  const collectors = createCollectors({
    config,
    clock,
    roots: systemRoots,
    version: context.version,
    coturn,
    relay,
    statsdb,
    log,
    networkSampler,
    usage: () => usageFigures(context, state),
    credentials: { counts: issuer.counts, secretMadeAt: () => secretMadeAt(config) },
  });
  const exposition = new Exposition({ collectors, clock, logger });
  const http = createHttp(context, state, { coturn, issuer, exposition });
  const health = (): { ready: boolean; coturn: string } => ({
    ready: readinessOf(coturn.state()).ready,
    coturn: sentenceOf(coturn.state()),
  });
  const list: Service[] = [
    fileService(usage),
    ...(usage.shipper ? [usage.shipper] : []),
    ledger,
    lastSessions(state, config),
    new Retention({ store: usage.store, keepSeconds: config.usage.retention, clock, logger }),
    statsdb,
    recovery ?? log,
    networkSampler,
    new HealthWatch({ feed, health, clock, logger }),
    http,
    coturn,
  ];
  const deadlineMs = config.coturn.stopTimeout * 1000 + STOP_SLACK_MS;
  const release = async (): Promise<void> => {
    state.isReleased = true;
    await coturn.release();
  };
  return { services: new ServiceGroup(list, clock, logger, deadlineMs), relay, http, release };
}

/** What is known of the relay, where it comes from, and where it is kept. */
interface State {
  readonly relay: Relay;
  readonly ledger: Ledger;
  readonly statsdb: StatsdbSource;
  readonly log: LogTail;
  /** Where the log is that of the agent's own coturn. */
  readonly recovery: LogRecovery | undefined;
  readonly feed: UsageFeed;
  onThreadBack: () => void;
  /** coturn runs on without this agent. */
  isReleased: boolean;
}

function createState(context: Context): State {
  const { config, usage, bootId, clock, logger } = context;
  const feed = new UsageFeed();
  const relay = createRelay(config, {
    sessionOpened: (describe) => {
      if (!feed.isWatched) return;
      const session = describe();
      const data = newSession(session, ledger.idOf(session.sequence), clock.now() - clock.monotonic());
      feed.publish({ type: 'session_opened', data });
    },
    allocationEnded: (id, reason) => recovery?.allocationEnded(id, reason),
    sessionClosed: (session) => {
      feed.publish({ type: 'session_closed', data: ledger.sessionClosed(session) });
    },
  });
  const { file, opened: openedFile, kept } = usage;
  const witness = (): object => recovery?.witness() ?? {};
  const ledger = new Ledger({ file, opened: openedFile, kept, relay, clock, logger, bootId, witness });
  const recovery = createRecovery(context, relay, () => state.statsdb);
  const log = recovery?.tail ?? new LogTail({ path: logPath(config), clock, logger });
  const statsdb = createStatsdb(context, relay, recovery, () => {
    state.onThreadBack();
  });
  const state: State = {
    relay,
    ledger,
    statsdb,
    log,
    recovery,
    feed,
    onThreadBack: () => undefined,
    isReleased: false,
  };
  return state;
}

/** Where coturn has been stopped, nothing can come of a session that has nothing open. */
function lastSessions(state: State, { coturn }: Config): Service {
  const stop = (): Promise<void> => {
    if (coturn.supervise && !state.isReleased) state.relay.closeIdleSessions();
    return Promise.resolve();
  };
  return { name: 'sessions', start: () => Promise.resolve(), stop };
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

function logPath(config: Config): string {
  return config.sources.log.path ?? logFile(config.dataDir);
}

/** Only the log of the coturn that the agent runs can fill gaps: of that one alone it knows where a life begins. */
function createRecovery(context: Context, relay: Relay, origins: () => StatsdbSource): LogRecovery | undefined {
  const { config, usage, clock, logger } = context;
  if (!config.coturn.supervise || config.sources.log.path !== undefined) return undefined;
  return new LogRecovery({
    path: logPath(config),
    keep: config.coturn.log.keep,
    relay,
    origins,
    witness: usage.kept.witness as LogWitness | undefined,
    shift: usage.kept.shift,
    clock,
    logger,
  });
}

function createStatsdb(
  { config, secrets, clock, logger }: Context,
  relay: Relay,
  recovery: LogRecovery | undefined,
  onThreadBack: () => void,
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
      threadBack: onThreadBack,
    },
    clock,
    logger,
  });
}

function createCoturn({ config, secrets, clock, logger }: Context, { statsdb, recovery }: State): CoturnServer {
  const hooks: CoturnHooks = {
    openAllocations: ({ number }) => statsdb.openAllocations(number),
    lastHeartbeat: ({ number }) =>
      config.coturn.supervise ? statsdb.lastHeartbeat(number) : statsdb.newestHeartbeat(),
    lifeStarted: (life, takenOver) => {
      const { number, pid, version } = life;
      logger.info({ life: number, pid, version, takenOver }, 'coturn runs');
      const advisory = advisoryFor(version);
      if (advisory !== undefined) logger.warn({ version }, advisory);
      if (recovery) recovery.lifeStarted(life, takenOver);
      else if (config.coturn.supervise) statsdb.onlyLife(number);
    },
    sessionsFound: ({ number }, sessions, isAll) => {
      statsdb.adopt(number, sessions);
      if (isAll)
        recovery?.listed(
          number,
          sessions.map(({ id }) => id),
        );
    },
    lifeEnded: ({ number }, reason) => {
      logger.info({ life: number, reason }, 'coturn has ended');
      if (config.coturn.supervise) statsdb.lifeEnded(number);
    },
  };
  return createCoturnServer({
    settings: config.coturn,
    dataDir: config.dataDir,
    secrets,
    statsdb: config.sources.statsdb.listenAddress,
    restSeparator: config.sessions.separator,
    hooks,
    clock,
    logger,
  });
}

function createHttp(
  { config, usage, clock, logger, version }: Context,
  { relay, statsdb, ledger, feed }: State,
  parts: { coturn: CoturnServer; issuer: CredentialIssuer; exposition: Exposition },
): HttpServer {
  const { coturn, issuer, exposition } = parts;
  const isOwn = (origin: number): boolean => {
    const life = lifeIn(coturn.state())?.number;
    return life !== undefined && statsdb.lifeOfOrigin(origin) === life;
  };
  return createHttpServer({
    listen: config.web.listenAddress,
    webConfigFile: config.web.configFile,
    scraper: exposition,
    readiness: () => readinessOf(coturn.state()),
    coturnState: () => sentenceOf(coturn.state()),
    issuer,
    keys: config.keys,
    usage: usage.store,
    sessions: new RelaySessions({ relay, coturn, isOwn, ids: ledger, clock }),
    feed,
    version,
    clock,
    logger,
  });
}

function usageFigures({ usage }: Context, { ledger, recovery }: State): UsageFigures {
  const { shipper } = usage;
  return {
    written: ledger.written,
    pending: ledger.pending + (shipper?.waiting ?? 0),
    dropped: ledger.dropped,
    ledgerUp: ledger.problem === undefined,
    storeUp: (shipper ?? ledger).problem === undefined,
    recovered: recovery?.figures.recovered ?? 0,
    leftOut: recovery?.figures.leftOut ?? {},
  };
}

/** A configured secret has no age that we know. */
async function secretMadeAt(config: Config): Promise<number | undefined> {
  if (config.credentials.secret !== undefined) return undefined;
  const { mtimeMs } = await stat(secretsFile(config.dataDir));
  return mtimeMs;
}

import { mkdir, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { createCollectors } from './collectors';
import { Exposition } from './collectors/exposition';
import { NetworkSampler } from './collectors/network-sampler';
import { systemRoots } from './collectors/system-files';
import type { Config } from './config/schema';
import { loadSecrets, secretsFile } from './config/secret-store';
import type { Secrets } from './config/secrets';
import { advisoryFor } from './coturn/advisories';
import { createCoturnServer } from './coturn/create-server';
import { ensurePrivate } from './coturn/log-files';
import { readinessOf, sentenceOf } from './coturn/readiness';
import type { CoturnHooks, CoturnServer } from './coturn/server';
import { logFile } from './coturn/turnserver-conf';
import { createCredentialIssuer, type CredentialIssuer } from './credentials/issuer';
import { createHttpServer, type HttpServer } from './http/server';
import { systemClock, type Clock } from './lib/clock';
import { lockDirectory } from './lib/directory-lock';
import { toldToEnd, type Ending } from './lib/ending';
import type { Logger } from './lib/logger';
import { ServiceGroup, type Service } from './lib/services';
import { LogTail } from './sources/log-tail';
import { StatsdbSource } from './sources/statsdb/statsdb-source';
import { Relay } from './turn/relay';

export interface RunOptions {
  readonly logger: Logger;
  /** The agent's own. */
  readonly version: string;
}

interface Context extends RunOptions {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly clock: Clock;
}

/** Beyond the stop of coturn, which has its own deadline. */
const STOP_SLACK_MS = 5_000;

/**
 * Runs the agent until it is told to end; the value is the exit status. Throws UserError where it cannot begin: then
 * nothing of it is left.
 */
export async function run(config: Config, options: RunOptions): Promise<number> {
  const clock = systemClock;
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  const lock = await lockDirectory(config.dataDir, clock.now());
  const told = toldToEnd(process);
  try {
    const secrets = await loadSecrets(config, options.logger);
    // There from the start, so that no line of the first coturn is missed, and nobody else can read it.
    if (config.coturn.supervise) ensurePrivate(logFile(config.dataDir));
    const agent = compose({ ...options, config, clock, secrets });
    await agent.services.start();
    greet(agent.http.url(), config.coturn);
    await end(agent, await told, options.logger);
  } finally {
    await lock.release();
  }
  return 0;
}

interface Agent {
  readonly services: ServiceGroup;
  readonly coturn: CoturnServer;
  readonly relay: Relay;
  readonly http: HttpServer;
}

async function end({ services, coturn, relay }: Agent, ending: Ending, logger: Logger): Promise<void> {
  if (ending === 'release') await coturn.release();
  else relay.markForced();
  logger.info(ending === 'release' ? 'stopping; coturn runs on' : 'stopping, sessions first');
  await services.stop();
}

/** Makes everything that runs. Services start in the order of the list and stop in reverse. */
function compose(context: Context): Agent {
  const { config, clock, logger } = context;
  const relay = createRelay(config);
  const statsdb = createStatsdb(context, relay);
  const log = new LogTail({ path: config.sources.log.path ?? logFile(config.dataDir), clock, logger });
  const networkSampler = new NetworkSampler(systemRoots, clock, logger);
  const coturn = createCoturn(context, statsdb);
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
    credentials: { counts: issuer.counts, secretMadeAt: () => secretMadeAt(config) },
  });
  const http = createHttp(context, { coturn, issuer, exposition: new Exposition({ collectors, clock, logger }) });
  const deadlineMs = config.coturn.stopTimeout * 1000 + STOP_SLACK_MS;
  const list: Service[] = [statsdb, log, networkSampler, http, coturn];
  return { services: new ServiceGroup(list, clock, logger, deadlineMs), coturn, relay, http };
}

function createRelay({ sessions, sources, coturn }: Config): Relay {
  const options = {
    lingerMs: sessions.linger * 1000,
    separator: sessions.separator,
    maxAllocations: sources.statsdb.maxAllocations,
    realms: [coturn.realm],
  };
  return new Relay(options);
}

function createStatsdb({ config, secrets, clock, logger }: Context, relay: Relay): StatsdbSource {
  return new StatsdbSource({
    listen: config.sources.statsdb.listenAddress,
    password: secrets.statsdbPassword,
    ownName: hostname(),
    relay,
    clock,
    logger,
  });
}

function createCoturn({ config, secrets, clock, logger }: Context, statsdb: StatsdbSource): CoturnServer {
  const hooks: CoturnHooks = {
    openAllocations: ({ number }) => statsdb.openAllocations(number),
    lastHeartbeat: ({ number }) =>
      config.coturn.supervise ? statsdb.lastHeartbeat(number) : statsdb.newestHeartbeat(),
    lifeStarted: ({ number, pid, version }, takenOver) => {
      logger.info({ life: number, pid, version, takenOver }, 'coturn runs');
      const advisory = advisoryFor(version);
      if (advisory !== undefined) logger.warn({ version }, advisory);
    },
    sessionsFound: ({ number }, sessions) => {
      statsdb.adopt(number, sessions);
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
  { config, clock, logger, version }: Context,
  parts: { coturn: CoturnServer; issuer: CredentialIssuer; exposition: Exposition },
): HttpServer {
  return createHttpServer({
    listen: config.web.listenAddress,
    webConfigFile: config.web.configFile,
    scraper: parts.exposition,
    readiness: () => readinessOf(parts.coturn.state()),
    coturnState: () => sentenceOf(parts.coturn.state()),
    issuer: parts.issuer,
    version,
    clock,
    logger,
  });
}

/** A configured secret has no age that we know. */
async function secretMadeAt(config: Config): Promise<number | undefined> {
  if (config.credentials.secret !== undefined) return undefined;
  const { mtimeMs } = await stat(secretsFile(config.dataDir));
  return mtimeMs;
}

/** What a person who has just typed the command wants to see. */
function greet(url: string, coturn: Config['coturn']): void {
  const relay = `${coturn.listeningIp.join(', ')} port ${coturn.listeningPort}, realm ${coturn.realm}`;
  process.stdout.write(
    `metrics     ${url}/metrics\n` +
      `TURN        ${coturn.supervise ? relay : 'run by somebody else; point its redis-statsdb here'}\n` +
      `credential  curl -s -X POST ${url}/v1/credentials\n`,
  );
}

import { advisoryFor } from '../coturn/advisories';
import { createCoturnServer } from '../coturn/create-server';
import { checkTimes } from '../coturn/liveness';
import { lifeIn, type CoturnHooks, type CoturnLife, type CoturnServer } from '../coturn/server';
import type { Logger } from '../lib/logger';
import type { StatsdbSource } from '../sources/statsdb/statsdb-source';
import type { Context } from './context';
import { rotates } from './credentials';
import type { State } from './state';

/** coturn, whose comings and goings the sources are told of. */
export function createCoturn(context: Context, state: State): CoturnServer {
  const { config, secrets, tracer, clock, logger } = context;
  const hooks = state.statsdb ? statsdbHooks(context, state, state.statsdb) : redisHooks(context, state);
  return createCoturnServer({
    settings: config.coturn,
    dataDir: config.dataDir,
    secrets: { ...secrets, authSecret: rotates(config) ? undefined : secrets.authSecret },
    mode: config.credentials.mode,
    statsdb: config.sources.statsdb.listenAddress,
    restSeparator: config.sessions.separator,
    hooks,
    tracer,
    clock,
    logger,
  });
}

/** Whether an allocation of this origin is of the coturn that the agent runs now. */
export function isOwnOrigin(
  coturn: Pick<CoturnServer, 'state'>,
  statsdb: StatsdbSource | undefined,
): (origin: number) => boolean {
  return (origin) => {
    const life = lifeIn(coturn.state())?.number;
    return life !== undefined && statsdb?.lifeOfOrigin(origin) === life;
  };
}

function statsdbHooks({ config, logger }: Context, { recovery }: State, statsdb: StatsdbSource): CoturnHooks {
  const { supervise } = config.coturn;
  return {
    openAllocations: ({ number }) => statsdb.openAllocations(number),
    lastHeartbeat: ({ number }) => (supervise ? statsdb.lastHeartbeat(number) : statsdb.newestHeartbeat()),
    lifeStarted: (life, takenOver) => {
      noteStart(logger, life, takenOver);
      if (recovery) recovery.lifeStarted(life, takenOver);
      else if (supervise) statsdb.onlyLife(life.number);
    },
    sessionsFound: ({ number }, sessions, isAll) => {
      statsdb.adopt(number, sessions);
      if (!isAll) return;
      recovery?.listed(
        number,
        sessions.map(({ id }) => id),
      );
    },
    lifeEnded: ({ number }, reason) => {
      logger.info({ life: number, reason }, 'coturn has ended');
      if (supervise) statsdb.lifeEnded(number);
    },
  };
}

/** coturn is run by somebody else, and speaks to a Redis: nothing but its process' end is to be told. */
function redisHooks({ config, clock, logger }: Context, { redis }: State): CoturnHooks {
  const { everyMs, timeoutMs } = checkTimes(config.coturn.unresponsiveAfter * 1000);
  return {
    openAllocations: () => [],
    lastHeartbeat: () => undefined,
    lifeStarted: (life, takenOver) => {
      noteStart(logger, life, takenOver);
    },
    sessionsFound: () => undefined,
    lifeEnded: ({ number }, reason) => {
      logger.info({ life: number, reason }, 'coturn has ended');
      void redis?.coturnEnded(clock.monotonic() - 2 * (everyMs + timeoutMs));
    },
  };
}

function noteStart(logger: Logger, { number, pid, version }: CoturnLife, takenOver: boolean): void {
  logger.info({ life: number, pid, version, takenOver }, 'coturn runs');
  const advisory = advisoryFor(version);
  if (advisory !== undefined) logger.warn({ version }, advisory);
}

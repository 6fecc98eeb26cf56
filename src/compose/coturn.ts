import { advisoryFor } from '../coturn/advisories';
import { createCoturnServer } from '../coturn/create-server';
import type { CoturnHooks, CoturnServer } from '../coturn/server';
import type { Context } from './context';
import { rotates } from './credentials';
import type { State } from './state';

/** coturn, whose comings and goings the sources are told of. */
export function createCoturn({ config, secrets, clock, logger }: Context, { statsdb, recovery }: State): CoturnServer {
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
    secrets: { ...secrets, authSecret: rotates(config) ? undefined : secrets.authSecret },
    mode: config.credentials.mode,
    statsdb: config.sources.statsdb.listenAddress,
    restSeparator: config.sessions.separator,
    hooks,
    clock,
    logger,
  });
}

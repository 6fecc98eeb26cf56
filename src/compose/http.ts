import type { Exposition } from '../collectors/exposition';
import { readinessOf, sentenceOf } from '../coturn/readiness';
import { lifeIn, type CoturnServer } from '../coturn/server';
import type { Fleet } from '../fleet/fleet';
import { createHttpServer, type HttpServer } from '../http/server';
import { RelaySessions } from '../usage/relay-sessions';
import type { Reports } from '../reports/reports';
import type { Context } from './context';
import { credentialCalls, type Credentials } from './credentials';
import type { State } from './state';

export function createHttp(
  context: Context,
  { relay, statsdb, ledger, feed }: State,
  parts: {
    coturn: CoturnServer;
    credentials: Credentials;
    exposition: Exposition;
    reports: Reports;
    fleet: Fleet | undefined;
  },
): HttpServer {
  const { config, usage, clock, logger, version } = context;
  const { coturn, credentials, exposition, reports, fleet } = parts;
  const isOwn = (origin: number): boolean => {
    const life = lifeIn(coturn.state())?.number;
    return life !== undefined && statsdb?.lifeOfOrigin(origin) === life;
  };
  const sessions = new RelaySessions({ relay, coturn, isOwn, ids: ledger, clock });
  return createHttpServer({
    listen: config.web.listenAddress,
    webConfigFile: config.web.configFile,
    scraper: exposition,
    readiness: () => readinessOf(coturn.state()),
    coturnState: () => sentenceOf(coturn.state()),
    credentials: credentialCalls(context, credentials, sessions),
    credentialLimits: config.credentials.limits,
    reports: { reports, settings: config.reports },
    cors: config.web.cors,
    allowPlaintext: config.web.allowPlaintext,
    keys: config.keys,
    usage: usage.store,
    sessions,
    feed,
    fleet,
    version,
    clock,
    logger,
  });
}

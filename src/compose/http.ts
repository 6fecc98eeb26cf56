import type { Exposition } from '../collectors/exposition';
import { readinessOf, sentenceOf } from '../coturn/readiness';
import type { CoturnServer } from '../coturn/server';
import { UserAllocations } from '../credentials/user-allocations';
import type { Drain } from '../drain/drain';
import { seenWhileDraining } from '../drain/seen-while-draining';
import type { Fleet } from '../fleet/fleet';
import { createHttpServer, type HttpServer } from '../http/server';
import { RelaySessions } from '../usage/relay-sessions';
import type { Reports } from '../reports/reports';
import type { Context } from './context';
import { isOwnOrigin } from './coturn';
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
    drain: Drain;
  },
): HttpServer {
  const { config, usage, tracing, clock, logger, version } = context;
  const { coturn, credentials, exposition, reports, fleet, drain } = parts;
  const seen = seenWhileDraining(coturn, drain);
  const open = { relay, coturn, isOwn: isOwnOrigin(coturn, statsdb), logger };
  return createHttpServer({
    listen: config.web.listenAddress,
    webConfigFile: config.web.configFile,
    scraper: exposition,
    readiness: () => readinessOf(seen.state()),
    coturnState: () => sentenceOf(seen.state()),
    credentials: credentialCalls(credentials, new UserAllocations(open), fleet?.blocks, drain),
    credentialLimits: config.credentials.limits,
    reports: { reports, settings: config.reports },
    cors: config.web.cors,
    allowPlaintext: config.web.allowPlaintext,
    keys: config.keys,
    usage: usage.store,
    sessions: new RelaySessions({ ...open, ids: ledger, clock }),
    feed,
    fleet,
    assignments: fleet?.assignments,
    drain,
    version,
    clock,
    tracing,
    logger,
  });
}

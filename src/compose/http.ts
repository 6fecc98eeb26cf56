import type { Exposition } from '../collectors/exposition';
import { readinessOf, sentenceOf } from '../coturn/readiness';
import { lifeIn, type CoturnServer } from '../coturn/server';
import type { CredentialIssuer } from '../credentials/issuer';
import { createHttpServer, type HttpServer } from '../http/server';
import { RelaySessions } from '../usage/relay-sessions';
import type { Context } from './context';
import type { State } from './state';

export function createHttp(
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

import type { Config } from '../config/schema';
import { readinessOf, sentenceOf } from '../coturn/readiness';
import { lifeIn, type CoturnServer } from '../coturn/server';
import type { HttpServer } from '../http/server';
import { ServiceGroup, type Service } from '../lib/services';
import type { Relay } from '../turn/relay';
import { HealthWatch } from '../usage/health-watch';
import { fileService } from '../usage/open-usage';
import { Retention } from '../usage/retention';
import type { Context } from './context';
import { createCoturn } from './coturn';
import { createCredentials } from './credentials';
import { createExposition } from './exposition';
import { createFleet } from './fleet';
import { createHttp } from './http';
import { createReports } from './reports';
import { createState, type State } from './state';

/** Everything that runs. */
export interface Agent {
  readonly services: ServiceGroup;
  readonly relay: Relay;
  readonly http: HttpServer;
  /** Leaves coturn running, for another run of the agent to take over. */
  release(): Promise<void>;
}

/** Beyond the stop of coturn, which has its own deadline. */
const STOP_SLACK_MS = 10_000;
/** coturn makes its stats connections when it starts; one that comes later may have missed something. */
const CONNECT_MS = 2_000;

/**
 * Makes everything that runs; of what a configuration can ask for it loads what this one does. Services start in the
 * order of the list and stop in reverse.
 */
export async function compose(context: Context): Promise<Agent> {
  const { config, usage, clock, logger } = context;
  const state = await createState(context);
  const { relay, ledger, statsdb, redis, licode, log, recovery, feed, networkSampler } = state;
  const coturn = createCoturn(context, state);
  state.onConnected = () => {
    const life = lifeIn(coturn.state());
    // At its start coturn has nothing to tell.
    if (life && life.startedMonotonic + CONNECT_MS < clock.monotonic()) coturn.findSessions();
  };
  const credentials = createCredentials(context, state);
  const reports = createReports(context, state);
  const fleet = await createFleet(context, state, coturn);
  const exposition = createExposition(context, state, { coturn, credentials, reports, fleet });
  const http = createHttp(context, state, { coturn, credentials, exposition, reports, fleet });
  const list: Service[] = [
    fileService(usage),
    ...(usage.shipper ? [usage.shipper] : []),
    ledger,
    lastSessions(state, config),
    new Retention({ store: usage.store, keepSeconds: config.usage.retention, clock, logger }),
    ...(statsdb ? [statsdb] : []),
    ...(redis ? [redis] : []),
    ...(licode ? [licode] : []),
    recovery ?? log,
    networkSampler,
    new HealthWatch({ feed, health: () => healthOf(coturn), clock, logger }),
    ...credentials.services,
    http,
    coturn,
    // Last: nobody is sent here before coturn runs, nor after its end has begun.
    ...(fleet?.services ?? []),
  ];
  const deadlineMs = config.coturn.stopTimeout * 1000 + STOP_SLACK_MS;
  const release = async (): Promise<void> => {
    state.isReleased = true;
    await coturn.release();
  };
  return { services: new ServiceGroup(list, clock, logger, deadlineMs), relay, http, release };
}

function healthOf(coturn: CoturnServer): { ready: boolean; coturn: string } {
  return { ready: readinessOf(coturn.state()).ready, coturn: sentenceOf(coturn.state()) };
}

/** Where coturn has been stopped, nothing can come of a session that has nothing open. */
function lastSessions(state: State, { coturn }: Config): Service {
  const stop = (): Promise<void> => {
    if (coturn.supervise && !state.isReleased) state.relay.closeIdleSessions();
    return Promise.resolve();
  };
  return { name: 'sessions', start: () => Promise.resolve(), stop };
}

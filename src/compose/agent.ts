import type { Config } from '../config/schema';
import { readinessOf, sentenceOf } from '../coturn/readiness';
import { lifeIn, type CoturnServer } from '../coturn/server';
import type { Drain } from '../drain/drain';
import { seenWhileDraining } from '../drain/seen-while-draining';
import type { HttpServer } from '../http/server';
import { ServiceGroup, type Service } from '../lib/services';
import type { Relay } from '../turn/relay';
import { HealthWatch } from '../usage/health-watch';
import { fileService } from '../usage/open-usage';
import { Retention } from '../usage/retention';
import type { Context } from './context';
import { createCoturn } from './coturn';
import { createCredentials } from './credentials';
import { createDrain } from './drain';
import { createDigestService } from './digest';
import { createExposition } from './exposition';
import { createFleet } from './fleet';
import { createHttp } from './http';
import { createReports } from './reports';
import { createSettlement, type Settlement } from './settlement';
import { createState, type State } from './state';
import { tracingService } from './traces';

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
  const { config, clock, logger } = context;
  const state = await createState(context);
  const coturn = createCoturn(context, state);
  state.onConnected = () => {
    const life = lifeIn(coturn.state());
    // At its start coturn has nothing to tell.
    if (life && life.startedMonotonic + CONNECT_MS < clock.monotonic()) coturn.findSessions();
  };
  const credentials = createCredentials(context, state);
  const reports = createReports(context, state);
  const drain = createDrain(context, state, coturn, () => fleet?.registry);
  const seen = seenWhileDraining(coturn, drain);
  const fleet = await createFleet(context, state, seen, credentials);
  const settlement = await createSettlement(context, state, fleet);
  const digest = await createDigestService(context);
  const exposition = createExposition(context, state, { coturn: seen, credentials, reports, fleet, settlement });
  const http = createHttp(context, state, { coturn, credentials, exposition, reports, fleet, drain });
  const list = [
    ...tracingService(context),
    ...keeping(context, state, settlement),
    ...hearing(state),
    new HealthWatch({ feed: state.feed, health: () => healthOf(seen), clock, logger }),
    ...credentials.services,
    ...(digest ? [digest] : []),
    drain,
    http,
    coturn,
    // Last: nobody is sent here before coturn runs, nor after its end has begun.
    ...(fleet?.services ?? []),
    ...(settlement ? [settlement.settler] : []),
  ];
  const services = new ServiceGroup(list, clock, logger, config.coturn.stopTimeout * 1000 + STOP_SLACK_MS);
  return { services, relay: state.relay, http, release: releasing(state, coturn, drain) };
}

/** What keeps sessions and records. */
function keeping({ config, usage, clock, logger }: Context, state: State, settlement?: Settlement): Service[] {
  return [
    fileService(usage),
    // Before the shipper: it stops when the last records have gone, and nothing is open any more.
    ...(settlement ? [settlement.publisher] : []),
    ...(usage.shipper ? [usage.shipper] : []),
    state.ledger,
    lastSessions(state, config),
    new Retention({ store: usage.store, keepSeconds: config.usage.retention, clock, logger }),
  ];
}

/** Where facts come from. */
function hearing({ statsdb, redis, licode, recovery, log, networkSampler }: State): Service[] {
  return [
    ...(statsdb ? [statsdb] : []),
    ...(redis ? [redis] : []),
    ...(licode ? [licode] : []),
    recovery ?? log,
    networkSampler,
  ];
}

function releasing(state: State, coturn: CoturnServer, drain: Drain): Agent['release'] {
  return async () => {
    state.isReleased = true;
    drain.release();
    await coturn.release();
  };
}

function healthOf(coturn: Pick<CoturnServer, 'state'>): { ready: boolean; coturn: string } {
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

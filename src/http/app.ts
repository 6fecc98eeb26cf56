import express, { Router, type Express, type RequestHandler } from 'express';
import type { ApiKey } from '../config/api-keys';
import type { Config } from '../config/schema';
import type { Clock } from '../lib/clock';
import type { Logger } from '../lib/logger';
import { isLoopback } from '../lib/loopback';
import { noTracer } from '../lib/tracer';
import type { LiveSessions } from '../usage/live-sessions';
import type { UsageFeed } from '../usage/usage-feed';
import type { Tracing } from '../tracing/tracing';
import type { UsageReader } from '../usage/usage-store';
import { assignRouter, type AssignCalls } from './assign';
import { basicAuth } from './basic-auth/basic-auth';
import type { PasswordVerifier } from './basic-auth/password-verifier';
import { bodyLimit } from './body-limit';
import { corsFor } from './cors';
import { credentialAdminRouter } from './credential-admin';
import { credentialsRouter, type CredentialCalls } from './credentials';
import { drainRouter, type DrainCalls } from './drain';
import { errorHandler, notFound } from './error-handler';
import { eventsRouter } from './events';
import { createGuard, type Guard } from './guard';
import { healthRouter, type Readiness } from './health';
import { landingRouter } from './landing';
import { metricsRouter, type Scraper } from './metrics';
import { openApiRouter } from './openapi';
import { rateLimit } from './rate-limit';
import { relaysRouter, type FleetCalls } from './relays';
import { reportsRouter, type ReportCalls } from './reports';
import { createRequestLimits } from './request-limits';
import { requestSpans } from './request-spans';
import { sessionsRouter } from './sessions';
import { timedAnswers } from './timed-answers';
import { usageRouter } from './usage';
import type { WebConfig } from '../web-config/load';

/** What the routes answer with. */
export interface AppOptions {
  readonly scraper: Scraper;
  readonly readiness: () => Readiness;
  /** A short sentence for the landing page. */
  readonly coturnState: () => string;
  readonly credentials: CredentialCalls;
  readonly credentialLimits: Config['credentials']['limits'];
  readonly reports: ReportCalls;
  /** Origins whose pages may read the answers to the calls that pages make. */
  readonly cors: readonly string[];
  readonly allowPlaintext: boolean;
  /** Who may ask beyond `/metrics`, `/` and the health calls, besides programs on this machine. */
  readonly keys: readonly ApiKey[];
  readonly usage: UsageReader;
  readonly sessions: LiveSessions;
  readonly feed: UsageFeed;
  /** Without a registry there is none. */
  readonly fleet: FleetCalls | undefined;
  readonly assignments: AssignCalls['assignments'];
  /** Undefined while traces are off. */
  readonly tracing?: Tracing | undefined;
  readonly drain: DrainCalls;
  readonly version: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What only the server that the routes run in knows. */
export interface AppServer {
  webConfig(): WebConfig;
  readonly passwords: PasswordVerifier;
  /** The address that it is bound to. */
  boundAddress(): string;
  /** `http://127.0.0.1:9642`. */
  baseUrl(): string;
  /** Aborts when the server stops: answers without an end end. */
  readonly stopping: AbortSignal;
}

export function createApp(options: AppOptions, server: AppServer): Express {
  const { version, coturnState } = options;
  const app = express();
  app.disable('x-powered-by');
  // A hash of every exposition would cost time, and no two are the same.
  app.disable('etag');

  if (options.tracing) app.use(requestSpans(options.tracing));
  app.use((_request, response, next) => {
    response.set({ 'X-Content-Type-Options': 'nosniff', ...server.webConfig().headers });
    next();
  });
  const limit = server.webConfig().rateLimit;
  if (limit !== undefined) app.use(rateLimit(limit, options.clock));
  const guard = createGuard({
    keys: options.keys,
    boundAddress: () => server.boundAddress(),
    allowPlaintext: options.allowPlaintext,
  });
  if (options.cors.length > 0) app.use(corsFor(options.cors));
  app.use(
    unlessKey(
      guard,
      basicAuth(() => server.webConfig().users, server.passwords),
    ),
  );
  app.use(bodyLimit);

  // First: nothing is asked for as often.
  app.use(...issuingRoutes(options, guard));
  app.use(metricsRouter(options.scraper));
  app.use(healthRouter(options.readiness));
  app.use(credentialAdminRouter(options.credentials, options.clock, guard));
  app.use(drainRouter(options.drain, options.clock, guard));
  app.use(apiRoutes(options, server.stopping, guard));
  app.use(landingRouter(() => ({ version, coturnState: coturnState(), ...reachedAt(server) })));

  app.use(notFound);
  app.use(errorHandler(options.logger));
  return app;
}

function reachedAt(server: AppServer): { baseUrl: string; needsKey: boolean } {
  return { baseUrl: server.baseUrl(), needsKey: !isLoopback(server.boundAddress()) };
}

/** Both stand in the same header: who shows a key can't give a password as well. */
function unlessKey(guard: Guard, handler: RequestHandler): RequestHandler {
  return (request, response, next) => {
    if (!guard.ownerOf(request)) return handler(request, response, next);
    next();
  };
}

function issuingRoutes(options: AppOptions, guard: Guard): [Router, Router] {
  const { credentials, credentialLimits, assignments, tracing, clock } = options;
  const { issuer, audit } = credentials;
  const { rejected } = issuer.counts;
  const limits = createRequestLimits(credentialLimits, () => rejected.limit++);
  const timed = timedAnswers(issuer.counts.duration, clock, tracing ?? noTracer);
  return [
    credentialsRouter(credentials, guard, limits, timed),
    assignRouter({ assignments, issuer, audit }, guard, limits),
  ];
}

function apiRoutes(options: AppOptions, stopping: AbortSignal, guard: Guard): Router {
  const { reports, usage, sessions, feed, fleet, version, clock } = options;
  const router = Router();
  router.use(reportsRouter(reports, guard));
  router.use(sessionsRouter(sessions, guard));
  router.use(usageRouter(usage, guard));
  router.use(relaysRouter(fleet, clock, guard));
  router.use(eventsRouter({ feed, clock, stopping }, guard));
  router.use(openApiRouter(version, guard));
  return router;
}

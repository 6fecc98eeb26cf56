import express, { type Express } from 'express';
import type { CredentialIssuer } from '../credentials/issuer';
import type { Clock } from '../lib/clock';
import type { Logger } from '../lib/logger';
import { basicAuth } from './basic-auth/basic-auth';
import type { PasswordVerifier } from './basic-auth/password-verifier';
import { bodyLimit } from './body-limit';
import { credentialsRouter } from './credentials';
import { errorHandler, notFound } from './error-handler';
import { healthRouter, type Readiness } from './health';
import { landingRouter } from './landing';
import { onlyLocal } from './loopback';
import { metricsRouter, type Scraper } from './metrics';
import { rateLimit } from './rate-limit';
import type { WebConfig } from './web-config/load';

/** What the routes answer with. */
export interface AppOptions {
  readonly scraper: Scraper;
  readonly readiness: () => Readiness;
  /** A short sentence for the landing page. */
  readonly coturnState: () => string;
  readonly issuer: CredentialIssuer;
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
}

export function createApp(options: AppOptions, server: AppServer): Express {
  const { issuer, version, coturnState } = options;
  const app = express();
  app.disable('x-powered-by');
  // A hash of every exposition would cost time, and no two are the same.
  app.disable('etag');

  app.use((_request, response, next) => {
    response.set({ 'X-Content-Type-Options': 'nosniff', ...server.webConfig().headers });
    next();
  });
  const limit = server.webConfig().rateLimit;
  if (limit !== undefined) app.use(rateLimit(limit, options.clock));
  app.use(basicAuth(() => server.webConfig().users, server.passwords));
  app.use(bodyLimit);

  const guard = onlyLocal(
    () => server.boundAddress(),
    () => issuer.counts.rejected.forbidden++,
  );
  app.use(metricsRouter(options.scraper));
  app.use(healthRouter(options.readiness));
  app.use(credentialsRouter(issuer, guard));
  app.use(landingRouter(() => ({ version, coturnState: coturnState(), baseUrl: server.baseUrl() })));

  app.use(notFound);
  app.use(errorHandler(options.logger));
  return app;
}

import express, { Router, type RequestHandler } from 'express';
import { z } from 'zod';
import { explain } from '../config/explain';
import type { CredentialIssuer } from '../credentials/issuer';
import { UserError } from '../lib/errors';
import { methodNotAllowed } from './error-handler';
import type { Guard } from './guard';
import { MAX_BODY_BYTES, RequestError } from './http-error';
import { describeIssues } from './issues';

export const postBody = z.strictObject({
  user: z.string().optional(),
  /** Seconds. */
  ttl: z.number().optional(),
  label: z.string().max(64).optional(),
});

/** draft-uberti-behave-turn-rest-00 section 2.1; its `key`, and parameters that it does not know, mean nothing yet. */
export const draftQuery = z.object({
  service: z.literal('turn'),
  username: z.string().optional(),
  ttl: z
    .string()
    .regex(/^\d{1,10}$/, 'must be a whole number of seconds')
    .transform(Number)
    .pipe(z.int())
    .optional(),
});

const NO_STORE = { 'Cache-Control': 'no-store' };

/** Three ways to ask for a credential: this API's, the TURN REST draft's, and the original monitor's. */
export function credentialsRouter(issuer: CredentialIssuer, guard: Guard): Router {
  const router = Router();
  const allow = guard.allow('credentials', () => issuer.counts.rejected.forbidden++);
  const read = <T>(schema: z.ZodType<T>, input: unknown): T => {
    const parsed = schema.safeParse(input, { error: explain });
    if (parsed.success) return parsed.data;
    issuer.counts.rejected.request++;
    throw new UserError('bad_request', `${describeIssues(parsed.error).join('; ')}.`);
  };
  router
    .route('/v1/credentials')
    .post(
      allow,
      jsonOnly,
      express.json({ limit: MAX_BODY_BYTES, inflate: false, strict: false }),
      (request, response) => {
        const { user, ttl, label } = read(postBody, request.body ?? {});
        response
          .status(201)
          .set(NO_STORE)
          .json(issuer.issue({ user, ttlSeconds: ttl, label }));
      },
    )
    .all(methodNotAllowed('POST'));
  router
    .route('/turncredential')
    .get(allow, (_request, response) => {
      response.set(NO_STORE).json(monitorAnswer(issuer));
    })
    .all(methodNotAllowed('GET', 'HEAD'));
  router.get('/', draftOnly, allow, (request, response) => {
    const { username, ttl } = read(draftQuery, request.query);
    response.set(NO_STORE).json(issuer.issue({ user: username === '' ? undefined : username, ttlSeconds: ttl }));
  });
  return router;
}

/** Without `service` it is the landing page that is asked for. */
const draftOnly: RequestHandler = (request, _response, next) => {
  next(request.query['service'] === undefined ? 'router' : undefined);
};

/** express.json() would pass over other types as if there were no body. `is` answers null where neither header announces one. */
const jsonOnly: RequestHandler = (request, _response, next) => {
  if (request.is('application/json') !== false || request.headers['content-length'] === '0') {
    next();
    return;
  }
  const message = 'Send the body as JSON, with "Content-Type: application/json".';
  throw new RequestError(415, 'unsupported_media_type', message);
};

/** The answer of the monitor that turnkeeper replaces, whose clients read exactly this. `expired_time` is in milliseconds. */
function monitorAnswer(issuer: CredentialIssuer): Record<string, string | number> {
  const { username, password, expiresAt } = issuer.issue({});
  return { type: 'result', code: 'ok', userid: username, password, expired_time: Date.parse(expiresAt) };
}

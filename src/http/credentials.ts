import express, { Router, type Request, type RequestHandler } from 'express';
import { z } from 'zod';
import { explain } from '../config/explain';
import type { AuditLog } from '../credentials/audit-log';
import type { CredentialIssuer, CredentialRequest, IssuedCredential } from '../credentials/issuer';
import type { Revocation } from '../credentials/revocation';
import { UserError } from '../lib/errors';
import { Audit } from './audit';
import { methodNotAllowed } from './error-handler';
import type { Guard } from './guard';
import { MAX_BODY_BYTES, RequestError } from './http-error';
import { describeIssues } from '../config/issues';
import type { RequestLimits } from './request-limits';

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

export interface CredentialCalls {
  readonly issuer: CredentialIssuer;
  /** Throws UserError, `conflict` where the configuration gives the secret. Times are milliseconds since the epoch. */
  readonly rotate: () => Promise<{ readonly acceptedUntil: number }>;
  readonly revoke: (user: string, until: number, rotate: boolean) => Promise<Revocation>;
  readonly audit: Pick<AuditLog, 'record'>;
}

/** Three ways to ask for a credential: this API's, the TURN REST draft's, and the original monitor's. */
export function credentialsRouter(
  { issuer, audit: log }: CredentialCalls,
  guard: Guard,
  limits: RequestLimits,
  timed: RequestHandler,
): Router {
  const router = Router();
  const audit = new Audit(log, guard);
  const allowed = guard.allow('credentials', (request, error) => {
    issuer.counts.rejected.forbidden++;
    audit.refused(request, { what: 'issue' }, error);
  });
  const allow = [timed, allowed];
  const issue = issuing(issuer, guard, limits, audit);
  router
    .route('/v1/credentials')
    .post(
      ...allow,
      jsonOnly,
      express.json({ limit: MAX_BODY_BYTES, inflate: false, strict: false }),
      async (request, response) => {
        const { user, ttl, label } = read(issuer, postBody, request.body ?? {});
        const made = await issue(request, { user, ttlSeconds: ttl, label });
        response.status(201).set(NO_STORE).json(made);
      },
    )
    .all(methodNotAllowed('POST'));
  router
    .route('/turncredential')
    .get(...allow, async (request, response) => {
      response.set(NO_STORE).json(monitorAnswer(await issue(request, {})));
    })
    .all(methodNotAllowed('GET', 'HEAD'));
  router.get('/', draftOnly, ...allow, async (request, response) => {
    const { username, ttl } = read(issuer, draftQuery, request.query);
    const user = username === '' ? undefined : username;
    response.set(NO_STORE).json(await issue(request, { user, ttlSeconds: ttl }));
  });
  return router;
}

function issuing(issuer: CredentialIssuer, guard: Guard, limits: RequestLimits, audit: Audit) {
  return (request: Request, wanted: CredentialRequest): Promise<IssuedCredential> =>
    audit.note(request, { what: 'issue', ...wanted }, async () => {
      const { remoteAddress: address } = request.socket;
      await limits.take({ key: guard.ownerOf(request)?.name, address, user: wanted.user });
      return issuer.issue(wanted);
    });
}

/** Checks what was asked for, and counts what makes no sense. */
function read<T>({ counts }: CredentialIssuer, schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input, { error: explain });
  if (parsed.success) return parsed.data;
  counts.rejected.request++;
  throw new UserError('bad_request', `${describeIssues(parsed.error).join('; ')}.`);
}

/** Without `service` it is the landing page that is asked for. */
export const draftOnly: RequestHandler = (request, _response, next) => {
  next(request.query['service'] === undefined ? 'router' : undefined);
};

/** express.json() would pass over other types as if there were no body. `is` answers null where neither header announces one. */
export const jsonOnly: RequestHandler = (request, _response, next) => {
  if (request.is('application/json') !== false || request.headers['content-length'] === '0') {
    next();
    return;
  }
  const message = 'Send the body as JSON, with "Content-Type: application/json".';
  throw new RequestError(415, 'unsupported_media_type', message);
};

/** The answer of the monitor that turnkeeper replaces, whose clients read exactly this. `expired_time` is in milliseconds. */
function monitorAnswer({ username, password, expiresAt }: IssuedCredential): Record<string, string | number> {
  return { type: 'result', code: 'ok', userid: username, password, expired_time: Date.parse(expiresAt) };
}

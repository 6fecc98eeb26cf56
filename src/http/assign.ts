import express, { Router, type ErrorRequestHandler, type Request } from 'express';
import type { z } from 'zod';
import { explain } from '../config/explain';
import type { AuditLog } from '../credentials/audit-log';
import type { CredentialIssuer } from '../credentials/issuer';
import type { Assigned, Assignments } from '../fleet/assign/assignments';
import type { NoChoice } from '../fleet/assign/choose';
import { UserError } from '../lib/errors';
import { assignBody, task as taskName, type AssignAnswer } from './assign-schema';
import { Audit } from './audit';
import { jsonOnly } from './credentials';
import { methodNotAllowed } from './error-handler';
import type { Guard } from './guard';
import { MAX_BODY_BYTES, RequestError } from './http-error';
import { describeIssues } from '../config/issues';
import { readQuery } from './query';
import { relayJson } from './relays';
import type { RequestLimits } from './request-limits';
import { noQuery } from './sessions-schema';

const PATH = '/v1/relays/assign';
const NO_STORE = { 'Cache-Control': 'no-store' };

export interface AssignCalls {
  /** Without a registry there are none. */
  readonly assignments: Pick<Assignments, 'assign' | 'release'> | undefined;
  readonly issuer: CredentialIssuer;
  readonly audit: Pick<AuditLog, 'record'>;
}

/** No relay would do; its answer says why not for each. */
class NoRelay extends RequestError {
  constructor(readonly choice: NoChoice) {
    super(503, 'no_relay', sentenceOf(choice));
  }
}

/** A relay with room, and a credential for it. `limits`: those of other credentials, which these count with. */
export function assignRouter(calls: AssignCalls, guard: Guard, limits: RequestLimits): Router {
  const { issuer } = calls;
  const router = Router();
  const audit = new Audit(calls.audit, guard);
  const allowed = guard.allow('credentials', (request, error) => {
    issuer.counts.rejected.forbidden++;
    audit.refused(request, { what: 'issue' }, error);
  });
  const assign = assigning(calls, guard, limits);
  router
    .route(PATH)
    .post(
      allowed,
      jsonOnly,
      express.json({ limit: MAX_BODY_BYTES, inflate: false, strict: false }),
      async (request, response) => {
        const body = read(issuer, request.body ?? {});
        const { user, ttl: ttlSeconds } = body;
        const answer = await audit.note(request, { what: 'issue', user, ttlSeconds }, () => assign(request, body));
        response.status(201).set(NO_STORE).json(answer);
      },
    )
    .all(methodNotAllowed('POST'));
  router
    .route(`${PATH}/:task`)
    .delete(allowed, async (request, response) => {
      readQuery(noQuery, request);
      const { data } = taskName.safeParse(request.params.task);
      const released = data !== undefined && (await present(calls).release(data));
      response.set(NO_STORE).json({ released });
    })
    .all(methodNotAllowed('DELETE'));
  router.use(PATH, refusing);
  return router;
}

type Body = z.output<typeof assignBody>;

function assigning(calls: AssignCalls, guard: Guard, limits: RequestLimits) {
  const { issuer } = calls;
  return async (request: Request, { user, ttl, ...wanted }: Body): Promise<AssignAnswer> => {
    const assignments = present(calls);
    const { remoteAddress: address } = request.socket;
    await limits.take({ key: guard.ownerOf(request)?.name, address, user });
    // First: who gets no credential takes no room.
    const make = issuer.admit({ user, ttlSeconds: ttl });
    const assignment = await assignments.assign(wanted);
    if (assignment.kind === 'none') throw new NoRelay(assignment);
    return answerOf(assignment, make);
  };
}

function answerOf(
  { relay, why, reservedUntil, isShared }: Assigned,
  make: ReturnType<CredentialIssuer['admit']>,
): AssignAnswer {
  const { uris, iceServers, ...credential } = make(relay.node.uris);
  return {
    relay: relayJson(relay),
    why,
    reservedUntil: new Date(reservedUntil).toISOString(),
    shared: isShared,
    ...credential,
    uris: [...uris],
    iceServers: iceServers.map(({ urls, ...server }) => ({ urls: [...urls], ...server })),
  };
}

function present({ assignments }: AssignCalls): NonNullable<AssignCalls['assignments']> {
  if (assignments) return assignments;
  throw new UserError('not_found', 'This agent knows no other relays: set registry.zookeeper in its configuration.');
}

function read({ counts }: CredentialIssuer, input: unknown): Body {
  const parsed = assignBody.safeParse(input, { error: explain });
  if (parsed.success) return parsed.data;
  counts.rejected.request++;
  throw new UserError('bad_request', `${describeIssues(parsed.error).join('; ')}.`);
}

function sentenceOf({ counts }: NoChoice): string {
  const parts = Object.entries(counts).map(([reason, count]) => `${count} ${reason}`);
  if (parts.length === 0) return 'No relay is in the registry: start one, or look at registry.path.';
  return `No relay will do (${parts.join(', ')}): add one, or wait until one has room again.`;
}

const refusing: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (!(error instanceof NoRelay)) {
    next(error);
    return;
  }
  const { status, code, message, choice } = error;
  const { reasons, counts } = choice;
  response.status(status).set(NO_STORE).json({ error: { code, message, reasons, counts } });
};

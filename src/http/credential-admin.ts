import { Router, type RequestHandler } from 'express';
import { z } from 'zod';
import { LABEL_SEPARATOR } from '../credentials/label';
import type { Clock } from '../lib/clock';
import { UserError } from '../lib/errors';
import { Audit } from './audit';
import { methodNotAllowed } from './error-handler';
import type { CredentialCalls } from './credentials';
import type { Guard } from './guard';
import { readQuery } from './query';
import { noQuery } from './sessions-schema';

const NO_STORE = { 'Cache-Control': 'no-store' };
const MAX_USER = 512;
/** As usage records have it. */
const WITH_LABEL = `A user is revoked with all labels: leave out the ${LABEL_SEPARATOR} and what stands behind it.`;

export const revokeQuery = z.strictObject({
  until: z.iso
    .datetime({ offset: true, error: 'expected a date-time with its zone such as 2026-11-21T08:00:00Z' })
    .optional()
    .describe('no credential for the user before; without it, as long as one of before may be valid'),
  rotate: z
    .enum(['true', 'false'])
    .default('false')
    .describe(
      'also renew what credentials are made with: then no credential of before is accepted any more, of nobody',
    ),
});

/** Rotation and revocation. */
export function credentialAdminRouter(calls: CredentialCalls, clock: Clock, guard: Guard): Router {
  const router = Router();
  const audit = new Audit(calls.audit, guard);
  const allow = (what: 'rotate' | 'revoke'): RequestHandler =>
    guard.allow('admin', (request, error) => {
      const { id } = request.params;
      audit.refused(request, { what, ...(typeof id === 'string' && { user: id }) }, error);
    });
  router
    .route('/v1/credentials/rotate')
    .post(allow('rotate'), async (request, response) => {
      readQuery(noQuery, request);
      const { acceptedUntil } = await audit.note(request, { what: 'rotate' }, () => calls.rotate());
      response.set(NO_STORE).json({ rotated: true, acceptedUntil: new Date(acceptedUntil).toISOString() });
    })
    .all(methodNotAllowed('POST'));
  router
    .route('/v1/users/:id')
    .delete(allow('revoke'), async (request, response) => {
      const { until, rotate } = readQuery(revokeQuery, request);
      const { id } = request.params;
      if (id.includes(LABEL_SEPARATOR)) throw new UserError('bad_request', WITH_LABEL);
      if (id.length > MAX_USER) throw new UserError('bad_request', `A user has at most ${MAX_USER} characters.`);
      const end = until === undefined ? calls.issuer.usableUntil() : Date.parse(until);
      if (end <= clock.now()) throw new UserError('bad_request', 'until: must lie in the future.');
      const asked = { what: 'revoke', user: id, rotate: rotate === 'true' || undefined } as const;
      const revoked = await audit.note(request, asked, () => calls.revoke(id, end, rotate === 'true'));
      response.set(NO_STORE).json(revoked);
    })
    .all(methodNotAllowed('DELETE'));
  return router;
}

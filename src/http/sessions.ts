import { Router } from 'express';
import { UserError } from '../lib/errors';
import type { LiveSessions } from '../usage/live-sessions';
import { cursorAt, placeOf } from './cursor';
import { methodNotAllowed } from './error-handler';
import type { Guard } from './guard';
import { readQuery } from './query';
import { sessionJson } from './serialize/json';
import { noQuery, sessionsQuery } from './sessions-schema';

const NO_STORE = { 'Cache-Control': 'no-store' };

/** The sessions under way: look at them, end one. */
export function sessionsRouter(sessions: LiveSessions, guard: Guard): Router {
  const router = Router();
  router
    .route('/v1/sessions')
    .get(guard.allow('read'), (request, response) => {
      const { after, ...query } = readQuery(sessionsQuery, request);
      const place = after === undefined ? undefined : placeOf('sessions', after);
      const page = sessions.list({ ...query, after: place });
      const next = page.next === undefined ? undefined : cursorAt('sessions', page.next);
      response.set(NO_STORE).json({ sessions: page.sessions.map(sessionJson), next });
    })
    .all(methodNotAllowed('GET', 'HEAD'));
  router
    .route('/v1/sessions/:id')
    .get(guard.allow('read'), (request, response) => {
      readQuery(noQuery, request);
      const session = sessions.find(request.params.id);
      if (session === undefined)
        throw new UserError('not_found', 'There is no session under way with this id: see /v1/sessions.');
      response.set(NO_STORE).json(sessionJson(session));
    })
    .delete(guard.allow('admin'), async (request, response) => {
      readQuery(noQuery, request);
      const { id } = request.params;
      const { allocations, open } = await sessions.end(id);
      response.set(NO_STORE).json({ id, allocations, open });
    })
    .all(methodNotAllowed('GET', 'HEAD', 'DELETE'));
  return router;
}

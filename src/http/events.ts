import { Router } from 'express';
import { methodNotAllowed } from './error-handler';
import { EventClients, type EventClientsOptions } from './event-clients';
import { eventsQuery } from './events-schema';
import type { Guard } from './guard';
import { readQuery } from './query';

const HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store',
  // nginx would keep events back to fill a buffer.
  'X-Accel-Buffering': 'no',
};

/** What happens now, as server-sent events. */
export function eventsRouter(options: EventClientsOptions, guard: Guard): Router {
  const clients = new EventClients(options);
  const router = Router();
  router
    .route('/v1/events')
    .get(guard.allow('read'), (request, response) => {
      const { types } = readQuery(eventsQuery, request);
      response.set(HEADERS);
      if (request.method === 'HEAD') response.end();
      else clients.add(response, types);
    })
    .all(methodNotAllowed('GET', 'HEAD'));
  return router;
}

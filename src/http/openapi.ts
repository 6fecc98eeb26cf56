import { Router } from 'express';
import { methodNotAllowed } from './error-handler';
import type { Guard } from './guard';
import { openApiDocument } from './openapi-document';
import { OPERATIONS } from './openapi-operations';
import { readQuery } from './query';
import { noQuery } from './sessions-schema';

/** The API in a form that programs read. `version` is the agent's. */
export function openApiRouter(version: string, guard: Guard): Router {
  let document: object | undefined;
  const router = Router();
  router
    .route('/openapi.json')
    .get(guard.allow('read'), (request, response) => {
      readQuery(noQuery, request);
      document ??= openApiDocument(OPERATIONS, version);
      response.set('Cache-Control', 'no-store').json(document);
    })
    .all(methodNotAllowed('GET', 'HEAD'));
  return router;
}

import { Router } from 'express';
import { methodNotAllowed } from './error-handler';
import type { Guard } from './guard';
import { readQuery } from './query';
import { noQuery } from './sessions-schema';

/** The API in a form that programs read. `version` is the agent's. */
export function openApiRouter(version: string, guard: Guard): Router {
  let document: Promise<object> | undefined;
  const router = Router();
  router
    .route('/openapi.json')
    .get(guard.allow('read'), async (request, response) => {
      readQuery(noQuery, request);
      document ??= describeApi(version);
      response.set('Cache-Control', 'no-store').json(await document);
    })
    .all(methodNotAllowed('GET', 'HEAD'));
  return router;
}

/** Loaded when somebody asks: few ever do. */
async function describeApi(version: string): Promise<object> {
  const [{ openApiDocument }, { OPERATIONS }] = await Promise.all([
    import('./openapi-document.js'),
    import('./openapi-operations.js'),
  ]);
  return openApiDocument(OPERATIONS, version);
}

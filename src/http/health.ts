import { Router, type Response } from 'express';
import { methodNotAllowed } from './error-handler';
import { errorBody } from './http-error';

export type Readiness = { readonly ready: true } | { readonly ready: false; readonly reason: string };

/** `/-/healthy`: the process runs. `/-/ready`: coturn takes new allocations. For load balancers and orchestrators. */
export function healthRouter(readiness: () => Readiness): Router {
  const router = Router();
  router
    .route('/-/healthy')
    .get((_request, response) => {
      answer(response, 200, 'turnkeeper is healthy.\n', '{"healthy":true}\n');
    })
    .all(methodNotAllowed('GET', 'HEAD'));
  router
    .route('/-/ready')
    .get((_request, response) => {
      const state = readiness();
      if (state.ready) answer(response, 200, 'turnkeeper is ready.\n', '{"ready":true}\n');
      else answer(response, 503, `${state.reason}\n`, errorBody({ code: 'unavailable', message: state.reason }));
    })
    .all(methodNotAllowed('GET', 'HEAD'));
  return router;
}

function answer(response: Response, status: number, text: string, json: string): void {
  response.status(status).set('Cache-Control', 'no-store').vary('Accept');
  const asJson = response.req.accepts(['text/plain', 'application/json']) === 'application/json';
  response.type(asJson ? 'json' : 'text').send(asJson ? json : text);
}

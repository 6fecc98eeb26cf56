import type { ErrorRequestHandler, RequestHandler } from 'express';
import { UserError } from '../lib/errors';
import type { Logger } from '../lib/logger';
import { errorBody, RequestError, toHttpError } from './http-error';

/** The one place where errors become answers; what the client can't have caused is logged with its cause. */
export function errorHandler(logger: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const { status, code, message, headers } = toHttpError(error);
    if (status === 500) logger.error({ err: error, method: request.method, path: request.path }, 'a request failed');
    // Half an answer can't be taken back: without its end the client knows that it is not whole.
    if (response.headersSent) {
      response.destroy();
      return;
    }
    response
      .status(status)
      .set({ 'Cache-Control': 'no-store', ...headers })
      .type('json')
      .send(errorBody({ code, message }));
  };
}

export const notFound: RequestHandler = (request) => {
  throw new UserError('not_found', `There is nothing at ${request.path}: see / for what there is.`);
};

/** Stands last on a route, as `.all`: `allowed` are the methods before it. */
export function methodNotAllowed(...allowed: string[]): RequestHandler {
  const list = allowed.join(', ');
  return (request) => {
    throw new RequestError(405, 'method_not_allowed', `${request.path} takes ${list} only.`, { Allow: list });
  };
}

import type { Request, RequestHandler, Response } from 'express';
import type { CallSpan, Tracing } from '../tracing/tracing';

/** Asked every few seconds by whoever keeps the agent running: nobody looks for these. */
const UNTRACED = ['/-/healthy', '/-/ready'];

/** A span for each call, named after its route; never after its path, where users and addresses stand. */
export function requestSpans(tracing: Pick<Tracing, 'serve'>): RequestHandler {
  return (request, response, next) => {
    if (UNTRACED.includes(request.path)) {
      next();
      return;
    }
    tracing.serve(request.headers, request.method, (span) => {
      response.once('close', () => {
        endOf(span, request, response);
      });
      next();
    });
  };
}

/** "Semantic conventions for HTTP spans": a 4xx is the caller's failure, not this span's. */
function endOf(span: CallSpan, request: Request, response: Response): void {
  const route = (request.route as { path?: unknown } | undefined)?.path;
  const { statusCode } = response;
  span.end({
    name: typeof route === 'string' ? `${request.method} ${route}` : request.method,
    attributes: {
      'http.request.method': request.method,
      'http.response.status_code': statusCode,
      ...(typeof route === 'string' && { 'http.route': route }),
    },
    failure: statusCode >= 500 ? `HTTP status ${statusCode}` : undefined,
  });
}

import cors from 'cors';
import { Router, type RequestHandler } from 'express';
import { draftOnly } from './credentials';

/** The calls that pages make, beside the draft's. */
const CALLS = [
  { path: '/v1/credentials', methods: ['POST'] },
  { path: '/turncredential', methods: ['GET', 'HEAD'] },
  { path: '/v1/reports', methods: ['POST'] },
];

/** Within what browsers keep at most (Chromium: 2 h, Firefox: 24 h). */
const PREFLIGHT_SECONDS = 600;

/**
 * Lets pages of these origins, and of no other, read the answers to the calls that pages make (Fetch standard, section
 * 3.2). It opens no door: such a page needs a key as anybody does. Nor does it allow what a browser adds by itself,
 * passwords and client certificates: a page gives its key in `Authorization`.
 * Stands before authentication, since a preflight carries none.
 */
export function corsFor(origins: readonly string[]): Router {
  const router = Router();
  const listed = new Set(origins);
  for (const { path, methods } of CALLS) router.all(path, varyByOrigin, forListed(listed, methods));
  router.all('/', draftOnly, varyByOrigin, forListed(listed, ['GET', 'HEAD']));
  return router;
}

/** Also where the origin is none, or not listed: a cache must not keep that answer for one that is. */
const varyByOrigin: RequestHandler = (_request, response, next) => {
  response.vary('Origin');
  next();
};

function forListed(listed: ReadonlySet<string>, methods: string[]): RequestHandler {
  return cors({
    // False: the handler does nothing, and an OPTIONS request meets the route, which does not take it.
    origin: (origin, callback) => {
      callback(null, origin !== undefined && listed.has(origin));
    },
    methods,
    allowedHeaders: ['Authorization', 'Content-Type'],
    exposedHeaders: ['Retry-After'],
    maxAge: PREFLIGHT_SECONDS,
  });
}

import type { RequestHandler } from 'express';
import { UserError } from '../lib/errors';
import { MAX_BODY_BYTES, TOO_LARGE } from './http-error';

/** Answers a request that announces too large a body before it arrives; one that does not announce it meets the parser's limit. */
export const bodyLimit: RequestHandler = (request, _response, next) => {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES)
    throw new UserError('too_large', TOO_LARGE.message);
  next();
};

import type { RequestHandler } from 'express';
import type { Clock } from '../lib/clock';
import { UserError } from '../lib/errors';
import type { RateLimit } from '../web-config/load';

/** A token bucket: true while there are tokens. */
export function tokenBucket({ intervalMs, burst }: RateLimit, monotonic: () => number): () => boolean {
  let tokens = burst;
  let filledAt = monotonic();
  return () => {
    const now = monotonic();
    tokens = Math.min(burst, tokens + (now - filledAt) / intervalMs);
    filledAt = now;
    if (tokens < 1) return false;
    tokens--;
    return true;
  };
}

/** One bucket for all clients, as exporter-toolkit has it. */
export function rateLimit(limit: RateLimit, clock: Clock): RequestHandler {
  const take = tokenBucket(limit, () => clock.monotonic());
  return (_request, _response, next) => {
    if (!take())
      throw new UserError('too_many', 'Too many requests (rate_limit in the web configuration): try again later.');
    next();
  };
}

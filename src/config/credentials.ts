import { z } from 'zod';
import { limit } from './limits';
import { rule } from './rules';
import { secret } from './secret-text';
import { lifetime } from './units';

/** `credentials`: what is handed out, for how long, and to whom. */
export const credentials = z
  .strictObject({
    /** rest: one for each request, for a limited time. user: one long-term user for everybody, renewed now and then. */
    mode: z.enum(['rest', 'user']).default('rest'),
    /** A new secret, or user, so often. */
    rotateEvery: lifetime.default(7 * 86_400),
    /** user: how long the one before is accepted still. */
    overlap: lifetime.default(86_400),
    /** Of one user; unset: none. */
    quota: z.strictObject({ sessions: z.int().min(1).optional(), bytesPerDay: z.int().min(1).optional() }).prefault({}),
    /**
     * How many may be issued: to one key, for one user, and to one address (of IPv6, a /64). Programs on this machine
     * count for their users alone, and with a key for that.
     */
    limits: z
      .strictObject({
        perKey: limit.prefault('1000/1m'),
        perUser: limit.prefault('30/1m'),
        perAddress: limit.prefault('1200/1m'),
      })
      .prefault({}),
    /** Unset: made at the first start and kept in the data directory. */
    secret: secret.optional(),
    ttl: lifetime.default(3600),
    maxTtl: lifetime.default(86_400),
    /** Unset: what coturn listens on. */
    uris: z
      .array(
        z
          .string()
          .regex(/^turns?:[^\s?,]+(\?transport=(udp|tcp))?$/, 'expected a TURN URI such as turn:turn.example.org:3478'),
      )
      .default([]),
  })
  .check(
    rule(['ttl', 'maxTtl'], ({ ttl, maxTtl }) =>
      ttl > maxTtl ? { key: 'ttl', message: `must not be above credentials.maxTtl (${maxTtl} s)` } : undefined,
    ),
  );

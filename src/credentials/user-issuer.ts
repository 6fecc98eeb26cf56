import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Config } from '../config/schema';
import type { Clock } from '../lib/clock';
import { UserError } from '../lib/errors';
import { makeSecret } from '../lib/make-secret';
import { createIssueCounts } from './issue-counts';
import { issuedCredential, ownUris, type CredentialIssuer } from './issuer';
import type { RingEntry } from './ring';

/** A long-term user of coturn (RFC 8489 section 9.2). */
export const longTermUser = z.object({ name: z.string(), password: z.string() });
export type LongTermUser = z.output<typeof longTermUser>;

export function makeLongTermUser(): LongTermUser {
  return { name: `turn-${randomBytes(6).toString('hex')}`, password: makeSecret() };
}

export interface UserIssuerOptions {
  readonly config: Pick<Config, 'credentials' | 'coturn'>;
  /** The one that is active. Throws `unavailable` where coturn has none yet. */
  readonly active: () => RingEntry<LongTermUser>;
  readonly clock: Clock;
}

/** One credential for everybody, renewed now and then, as the monitor gave it that turnkeeper replaces. */
export function createUserIssuer({ config, active, clock }: UserIssuerOptions): CredentialIssuer {
  const { rotateEvery, overlap } = config.credentials;
  const counts = createIssueCounts();
  const acceptedUntil = ({ madeAt }: { madeAt: number }): number => madeAt + (rotateEvery + overlap) * 1000;
  const admit: CredentialIssuer['admit'] = ({ user, ttlSeconds, label }) => {
    if (user !== undefined || ttlSeconds !== undefined || label !== undefined) {
      counts.rejected.request++;
      const message = 'user, ttl and label have no meaning with credentials.mode user: everybody gets the same one.';
      throw new UserError('bad_request', message);
    }
    counts.refused(active);
    return (uris) => {
      const entry = active();
      const { name, password } = entry.value;
      const until = acceptedUntil(entry);
      counts.issued.user++;
      const ttl = Math.max(0, Math.floor((until - clock.now()) / 1000));
      const made = { username: name, password, expiresAt: Math.floor(until / 1000) };
      return issuedCredential(made, ttl, uris ?? ownUris(config));
    };
  };
  return { counts, usableUntil: () => acceptedUntil(active()), admit, issue: (request) => admit(request)() };
}

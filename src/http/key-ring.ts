import { hash, timingSafeEqual } from 'node:crypto';
import type { ApiKey, Scope } from '../config/api-keys';

/** Beyond any key that somebody made with care. */
const MAX_KEY_LENGTH = 512;

export interface KeyOwner {
  readonly name: string;
  readonly scopes: ReadonlySet<Scope>;
}

/** The configured keys, which are known by their hashes alone. */
export class KeyRing {
  private readonly keys: readonly (KeyOwner & { readonly hash: Buffer })[];

  constructor(keys: readonly ApiKey[]) {
    this.keys = keys.map(({ name, sha256, scopes }) => ({
      name,
      hash: Buffer.from(sha256, 'hex'),
      scopes: new Set(scopes),
    }));
  }

  /** Whose key it is. All are compared, each in constant time: how long it takes tells nothing. */
  ownerOf(key: string): KeyOwner | undefined {
    if (key.length > MAX_KEY_LENGTH) return undefined;
    const digest = hash('sha256', key, 'buffer');
    const matches = this.keys.filter((known) => timingSafeEqual(known.hash, digest));
    return matches[0];
  }
}

/** What stands after `Bearer` (RFC 6750 section 2.1); undefined where the header names another scheme, or is none. */
export function bearerKey(authorization: string | undefined): string | undefined {
  const [scheme, ...key] = (authorization ?? '').trim().split(' ');
  return scheme?.toLowerCase() === 'bearer' ? key.join(' ').trim() : undefined;
}

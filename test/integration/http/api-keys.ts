import { createHash } from 'node:crypto';
import type { ApiKey, Scope } from '../../../src/config/api-keys';

/** A key for a configuration, which knows it by its hash alone. */
export function apiKey(key: string, ...scopes: Scope[]): ApiKey {
  return { name: `name-of-${key}`, sha256: createHash('sha256').update(key).digest('hex'), scopes };
}

export function bearer(key: string): { authorization: string } {
  return { authorization: `Bearer ${key}` };
}

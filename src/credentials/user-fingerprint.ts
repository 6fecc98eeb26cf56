import { hash } from 'node:crypto';

/**
 * What stands for a user where others may read it: SHA-256, 43 characters of base64url. No key: the agents of a fleet have
 * no secret that is common to all for good, and with another key nobody would be blocked any more. Who guesses a user's
 * name can tell whether it is blocked; nobody can read names from it.
 */
export function fingerprintOf(user: string): string {
  return hash('sha256', user, 'base64url');
}

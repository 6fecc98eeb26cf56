import { createHmac } from 'node:crypto';
import type { Config } from '../config/schema';
import { userDatabase } from './user-database';

/** By what credentials are made and accepted, for agents to compare; nobody gets to a secret from it. */
export interface Fingerprints {
  /** What this agent makes credentials by; undefined where no other relay can know it. */
  readonly issuesBy: string | undefined;
  /** What this agent's coturn accepts: an agent that issues by one of them can make credentials for it. */
  readonly accepts: readonly string[];
}

/**
 * A secret that the configuration gives, or coturn's database on a server: who uses the same one with the same realm knows
 * what the other makes, at once and through every rotation. A file is one machine's own. `rotates`: what is made is
 * kept in the database.
 */
export function fingerprintsOf(
  config: Pick<Config, 'coturn' | 'dataDir' | 'credentials'>,
  authSecret: string,
  rotates: boolean,
): Fingerprints {
  const { flag, file } = userDatabase(config);
  const database =
    file === undefined ? fingerprint(`${withoutPassword(flag[1])} ${config.coturn.realm}`, 'database') : undefined;
  const issuesBy = rotates ? database : fingerprint(authSecret, 'secret');
  return { issuesBy, accepts: [...new Set([issuesBy, database])].filter((one) => one !== undefined) };
}

function fingerprint(of: string, kind: 'secret' | 'database'): string {
  return createHmac('sha256', of).update(`turnkeeper: ${kind} of a relay`).digest('hex').slice(0, 16);
}

/** A guess at a short password could be tried against the fingerprint, which everybody may read. */
function withoutPassword(connection: string): string {
  return connection
    .replaceAll(/\b(password|passwd|pwd)=("[^"]*"|'[^']*'|\S*)/gi, '')
    .replaceAll(/:\/\/[^@/\s]*@/g, '://');
}

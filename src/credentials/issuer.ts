import { randomBytes } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import type { Config } from '../config/schema';
import type { Clock } from '../lib/clock';
import { UserError } from '../lib/errors';
import type { Logger } from '../lib/logger';
import { restCredential, userMistake } from '../turn/rest-credential';
import { relayUris } from './relay-uris';

interface CredentialRequest {
  /** Whose sessions these are. Unset: a name made for this credential, so that two strangers are never one user. */
  readonly user?: string | undefined;
  readonly ttlSeconds?: number | undefined;
  /** The caller's note: it stands in the log. */
  readonly label?: string | undefined;
}

/** What a client needs to allocate: the TURN REST draft's fields, and the same as WebRTC's `RTCIceServer`. */
export interface IssuedCredential {
  readonly username: string;
  readonly password: string;
  /** Seconds. */
  readonly ttl: number;
  readonly uris: readonly string[];
  readonly iceServers: readonly { urls: readonly string[]; username: string; credential: string }[];
  /** ISO 8601, UTC. */
  readonly expiresAt: string;
}

interface CredentialCounts {
  readonly issued: { rest: number };
  /** `user`, `ttl`: what it asked for; `request`: it made no sense; `forbidden`: it came from elsewhere. */
  readonly rejected: { user: number; ttl: number; request: number; forbidden: number };
}

export interface CredentialIssuer {
  readonly counts: CredentialCounts;
  /** Throws a `bad_request` that names every mistake. */
  issue(request: CredentialRequest): IssuedCredential;
}

export interface CredentialIssuerOptions {
  readonly config: Pick<Config, 'credentials' | 'coturn' | 'sessions'>;
  /** coturn's `static-auth-secret`. */
  readonly secret: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

export function createCredentialIssuer(options: CredentialIssuerOptions): CredentialIssuer {
  const { credentials, coturn, sessions } = options.config;
  const counts = { issued: { rest: 0 }, rejected: { user: 0, ttl: 0, request: 0, forbidden: 0 } };
  return {
    counts,
    issue(request) {
      const user = request.user ?? `anonymous-${randomBytes(8).toString('hex')}`;
      const ttl = request.ttlSeconds ?? Math.max(1, Math.floor(credentials.ttl));
      refuseMistakes({ user: userMistake(user), ttl: ttlMistake(ttl, credentials.maxTtl) }, counts.rejected);
      const made = restCredential(options.secret, user, ttl, options.clock.now(), sessions.separator);
      counts.issued.rest++;
      options.logger.info({ user, ttl, label: request.label }, 'a credential was issued');
      // Addresses come and go (DHCP, containers), so a wildcard is looked up each time.
      const uris = credentials.uris.length > 0 ? credentials.uris : relayUris(coturn, networkInterfaces());
      return answer(made, ttl, uris);
    },
  };
}

function answer(
  made: { username: string; password: string; expiresAt: number },
  ttl: number,
  uris: readonly string[],
): IssuedCredential {
  const { username, password } = made;
  return {
    username,
    password,
    ttl,
    uris,
    iceServers: [{ urls: uris, username, credential: password }],
    expiresAt: new Date(made.expiresAt * 1000).toISOString(),
  };
}

function ttlMistake(ttl: number, maxTtl: number): string | undefined {
  const most = Math.max(1, Math.floor(maxTtl));
  if (Number.isInteger(ttl) && ttl >= 1 && ttl <= most) return undefined;
  return `must be a whole number of seconds from 1 to ${most} (credentials.maxTtl)`;
}

function refuseMistakes(
  mistakes: { readonly user: string | undefined; readonly ttl: string | undefined },
  rejected: CredentialCounts['rejected'],
): void {
  if (mistakes.user === undefined && mistakes.ttl === undefined) return;
  const sentences: string[] = [];
  for (const field of ['user', 'ttl'] as const) {
    const mistake = mistakes[field];
    if (mistake === undefined) continue;
    rejected[field]++;
    sentences.push(`${field} ${mistake}`);
  }
  throw new UserError('bad_request', `${sentences.join('; ')}.`);
}

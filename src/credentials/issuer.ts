import { randomBytes } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import type { Config } from '../config/schema';
import type { Clock } from '../lib/clock';
import { UserError } from '../lib/errors';
import type { Logger } from '../lib/logger';
import { restCredential, userMistake } from '../turn/rest-credential';
import type { Admission } from './admission';
import { createIssueCounts, type IssueCounts } from './issue-counts';
import { LABEL_SEPARATOR, labelMistake, userPart } from './label';
import { relayUris } from './relay-uris';

export interface CredentialRequest {
  /** Whose sessions these are. Unset: a name made for this credential, so that two strangers are never one user. */
  readonly user?: string | undefined;
  readonly ttlSeconds?: number | undefined;
  /** Rides in the user name, so that usage can be told apart by it. */
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

export interface CredentialIssuer {
  readonly counts: IssueCounts;
  /** Throws UserError: `bad_request` names every mistake; `forbidden`, `too_many`, `unavailable` say why not now. */
  issue(request: CredentialRequest): IssuedCredential;
  /** The first half of `issue`, which throws; what it returns makes the credential: for this relay, or one with these URIs. */
  admit(request: CredentialRequest): (uris?: readonly string[]) => IssuedCredential;
  /** Until when a credential that was issued can be used to allocate, at most; milliseconds since the epoch. */
  usableUntil(): number;
}

export interface RestIssuerOptions {
  readonly config: Pick<Config, 'credentials' | 'coturn' | 'sessions'>;
  /** What coturn accepts credentials by now. Throws `unavailable` where there is none yet. */
  readonly secret: () => string;
  readonly admission: Admission;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Credentials for a limited time, one for each request (draft-uberti-behave-turn-rest-00). */
export function createRestIssuer(options: RestIssuerOptions): CredentialIssuer {
  const { config, secret, admission, clock, logger } = options;
  const { credentials, sessions } = config;
  const counts = createIssueCounts();
  // What another run of the agent issued is not known.
  let usableUntil = clock.now() + credentials.maxTtl * 1000;
  const admit: CredentialIssuer['admit'] = (request) => {
    const { user = `anonymous-${randomBytes(8).toString('hex')}`, ttlSeconds, label } = request;
    const ttl = ttlSeconds ?? Math.max(1, Math.floor(credentials.ttl));
    refuseMistakes(counts, {
      user: userMistake(userPart(user, label)) ?? separatorMistake(user),
      ttl: ttlMistake(ttl, credentials.maxTtl),
      label: label === undefined ? undefined : labelMistake(label),
    });
    counts.refused(() => {
      admission.check(user);
    });
    counts.refused(secret);
    return (uris) => {
      // Asked again: another may have taken its place meanwhile.
      const made = restCredential(secret(), userPart(user, label), ttl, clock.now(), sessions.separator);
      usableUntil = Math.max(usableUntil, made.expiresAt * 1000);
      counts.issued.rest++;
      logger.info({ user, ttl, label }, 'a credential was issued');
      return issuedCredential(made, ttl, uris ?? ownUris(config));
    };
  };
  return { counts, usableUntil: () => usableUntil, admit, issue: (request) => admit(request)() };
}

/** `expiresAt` is in seconds since the epoch. */
export function issuedCredential(
  { username, password, expiresAt }: { username: string; password: string; expiresAt: number },
  ttl: number,
  uris: readonly string[],
): IssuedCredential {
  return {
    username,
    password,
    ttl,
    uris,
    iceServers: [{ urls: uris, username, credential: password }],
    expiresAt: new Date(expiresAt * 1000).toISOString(),
  };
}

/** Under which clients reach this agent's relay. */
export function ownUris({ credentials, coturn }: Pick<Config, 'credentials' | 'coturn'>): readonly string[] {
  // Addresses come and go (DHCP, containers), so a wildcard is looked up each time.
  return credentials.uris.length > 0 ? credentials.uris : relayUris(coturn, networkInterfaces());
}

function separatorMistake(user: string): string | undefined {
  return user.includes(LABEL_SEPARATOR) ? `must hold no ${LABEL_SEPARATOR}: a label stands behind it` : undefined;
}

function ttlMistake(ttl: number, maxTtl: number): string | undefined {
  const most = Math.max(1, Math.floor(maxTtl));
  if (Number.isInteger(ttl) && ttl >= 1 && ttl <= most) return undefined;
  return `must be a whole number of seconds from 1 to ${most} (credentials.maxTtl)`;
}

type Mistakes = Readonly<Record<'user' | 'ttl' | 'label', string | undefined>>;

function refuseMistakes({ rejected }: IssueCounts, mistakes: Mistakes): void {
  const sentences: string[] = [];
  for (const field of ['user', 'ttl', 'label'] as const) {
    const mistake = mistakes[field];
    if (mistake === undefined) continue;
    rejected[field]++;
    sentences.push(`${field} ${mistake}`);
  }
  if (sentences.length > 0) throw new UserError('bad_request', `${sentences.join('; ')}.`);
}

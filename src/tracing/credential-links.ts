import { createHash } from 'node:crypto';
import type { SpanRef } from '../lib/tracer';
import type { SpanLink } from './tracing';

/** The request that a credential was made for. */
export interface CredentialOrigin {
  readonly span: SpanRef;
  /** SkyWalking's place of the caller, where it said one. */
  readonly caller: SpanLink | undefined;
}

interface Entry extends CredentialOrigin {
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/** Some 50 MB with the longest user names. */
const MAX_CREDENTIALS = 100_000;

/**
 * Which request each credential was issued to, by the user name, until it expires, or until too many are remembered: then
 * the oldest is forgotten. A session may outlive its credential: it asks when it begins.
 */
export class CredentialLinks {
  private readonly entries = new Map<string, Entry>();

  constructor(private readonly max = MAX_CREDENTIALS) {}

  get size(): number {
    return this.entries.size;
  }

  /** A name that is issued again in the same second is the later request's. */
  remember(username: string, origin: CredentialOrigin, until: number, now: number): void {
    this.entries.delete(username);
    this.forgetExpired(now);
    this.entries.set(username, { ...origin, until });
  }

  find(username: string): CredentialOrigin | undefined {
    return this.entries.get(username);
  }

  /** Oldest first: the ones before the first that is still good; a few each time, so that nobody waits. */
  private forgetExpired(now: number): void {
    for (const [username, { until }] of this.entries) {
      if (until > now && this.entries.size < this.max) return;
      this.entries.delete(username);
    }
  }
}

/**
 * Says that a session used a credential, without the credential: the same at every agent, so that it is found also where
 * another one issued it.
 */
export function credentialId(username: string): string {
  return createHash('sha256').update(`turnkeeper credential ${username}`).digest('hex').slice(0, 16);
}

import type { Request, RequestHandler } from 'express';
import { covers, type ApiKey, type Scope } from '../config/api-keys';
import { UserError } from '../lib/errors';
import { isLoopback } from '../lib/loopback';
import { RequestError } from './http-error';
import { bearerKey, KeyRing, type KeyOwner } from './key-ring';
import { notLocal } from './loopback';

/** Decides who may make a call. */
export interface Guard {
  /**
   * Stands before a route: lets those pass who may use this scope, and throws `unauthorized` or `forbidden` for others,
   * which `onRefused` may count or note.
   */
  allow(scope: Scope, onRefused?: (request: Request, error: Error) => void): RequestHandler;
  /** Whose key the request shows, whatever that may do; undefined where it shows none that there is. */
  ownerOf(request: Request): KeyOwner | undefined;
}

export interface GuardOptions {
  readonly keys: readonly ApiKey[];
  /** What the server listens on. */
  readonly boundAddress: () => string;
  /** Whether a key may come from another machine in clear. */
  readonly allowPlaintext: boolean;
}

/** What a request shows: a key, which may be nobody's, or none. */
interface Shown {
  readonly isKey: boolean;
  readonly owner: KeyOwner | undefined;
}

/** A key decides where one is shown. Without any, programs on this machine pass, and nobody else. */
export function createGuard({ keys, boundAddress, allowPlaintext }: GuardOptions): Guard {
  const ring = new KeyRing(keys);
  // Several ask about one request: its key is read and hashed once.
  const shown = new WeakMap<Request, Shown>();
  const shownBy = (request: Request): Shown => {
    const before = shown.get(request);
    if (before) return before;
    const key = bearerKey(request.headers.authorization);
    const now = { isKey: key !== undefined, owner: key === undefined ? undefined : ring.ownerOf(key) };
    shown.set(request, now);
    return now;
  };
  const refusal = (request: Request, scope: Scope): Error | undefined => {
    const { isKey, owner } = shownBy(request);
    if (isKey) return refusalOfKey(owner, scope) ?? (allowPlaintext ? undefined : plaintext(request));
    const { remoteAddress = '' } = request.socket;
    const why = notLocal({ boundAddress: boundAddress(), remoteAddress, headers: request.headers });
    return why === undefined
      ? undefined
      : unauthorized(`Without a key only programs on this machine may ask, and ${why}`);
  };
  return {
    allow: (scope, onRefused) => (request, _response, next) => {
      const error = refusal(request, scope);
      if (error) onRefused?.(request, error);
      next(error);
    },
    ownerOf: (request) => shownBy(request).owner,
  };
}

function refusalOfKey(owner: KeyOwner | undefined, scope: Scope): Error | undefined {
  if (!owner) return unauthorized('This key is not known here');
  if (covers(owner.scopes, scope)) return undefined;
  return new UserError('forbidden', `The key ${owner.name} lacks the scope ${scope}: ask with one that has it.`);
}

/** What a key gets, and the key itself, would be shown to whoever listens on the way. */
function plaintext({ socket }: Request): Error | undefined {
  const isEncrypted = 'encrypted' in socket && socket.encrypted === true;
  if (isEncrypted || isLoopback(socket.remoteAddress ?? '')) return undefined;
  const message = 'This connection is not encrypted: use TLS (web.configFile), or set web.allowPlaintext.';
  return new UserError('forbidden', message);
}

function unauthorized(why: string): RequestError {
  const message = `${why}: give a key, as "Authorization: Bearer <key>" (see keys in the configuration).`;
  return new RequestError(401, 'unauthorized', message, { 'WWW-Authenticate': 'Bearer realm="turnkeeper"' });
}

import type { Digest } from './digest';

/** A way to tell somebody. */
export interface Channel {
  readonly name: 'email' | 'webhook';
  /** Rejects with a `NotSent` where nobody can be sure that it arrived. */
  send(digest: Digest, signal: AbortSignal): Promise<void>;
}

/** Says why in words that hold no secret: neither a URL nor what the other side answered is in it. */
export class NotSent extends Error {
  override readonly name = 'NotSent';
}

const CODE = /^[A-Z][A-Z0-9_]{1,40}$/;

/** The codes of an error and of its cause, as `ECONNREFUSED, 535`; their messages may quote a secret. */
export function codesOf(error: unknown): string {
  const { code, responseCode, cause, name } = fields(error);
  const codes = [code, fields(cause)['code']].filter((one) => typeof one === 'string' && CODE.test(one));
  if (typeof responseCode === 'number') codes.push(String(responseCode));
  return codes.length > 0 ? codes.join(', ') : typeof name === 'string' ? name : 'unknown error';
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

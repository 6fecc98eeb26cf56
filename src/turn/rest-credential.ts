import { createHmac } from 'node:crypto';

/** A user name and password that coturn accepts until `expiresAt` (draft-uberti-behave-turn-rest-00). */
export interface RestCredential {
  /** `<expiresAt>:<user>`. */
  readonly username: string;
  /** Base64 of the HMAC-SHA1 of the user name; coturn knows no other hash. */
  readonly password: string;
  /** Seconds since the Unix epoch. coturn asks at the allocation: one that is open goes on after it. */
  readonly expiresAt: number;
}

const REST_SEPARATOR = ':';

/**
 * RFC 8489 section 14.3 allows a USERNAME 508 bytes. coturn 4.6.1 has a buffer of 509 for the name of a stats channel,
 * of which a realm, at most 127, the words and the kind take the rest: a longer user's traffic would not be counted.
 * The expiry takes 10 bytes until the year 2286.
 */
const MAX_USERNAME_BYTES = 300;
export const MAX_USER_BYTES = MAX_USERNAME_BYTES - '1234567890:'.length;

/** `user` must have passed `userMistake`; `now` is in milliseconds since the Unix epoch. */
export function restCredential(
  secret: string,
  user: string,
  ttlSeconds: number,
  now: number,
  separator = REST_SEPARATOR,
): RestCredential {
  const expiresAt = Math.floor(now / 1000) + ttlSeconds;
  const username = `${expiresAt}${separator}${user}`;
  return { username, password: restPassword(secret, username), expiresAt };
}

/** What coturn computes for a user name that it is shown. */
export function restPassword(secret: string, username: string): string {
  return createHmac('sha1', secret).update(username).digest('base64');
}

/** The parts of a user name that `restCredential` made, or undefined for any other. */
export function parseRestUsername(
  username: string,
  separator = REST_SEPARATOR,
): { readonly expiresAt: number; readonly user: string } | undefined {
  const at = username.indexOf(separator);
  const expiry = username.slice(0, Math.max(at, 0));
  if (!/^\d{1,15}$/.test(expiry)) return undefined;
  return { expiresAt: Number(expiry), user: username.slice(at + separator.length) };
}

/**
 * Why coturn would not take `user` in a user name, as the end of a sentence; undefined when it would.
 * ASCII only: clients prepare other text in different ways before they sign with it (RFC 8489 section 14.3).
 */
export function userMistake(user: string): string | undefined {
  if (user === '') return 'must not be empty';
  if (user.length > MAX_USER_BYTES) return `must not be longer than ${MAX_USER_BYTES} characters`;
  if (!/^[!-~]*$/.test(user)) return 'must be printable ASCII without spaces';
  // coturn 4.6.1, is_secure_string: such a user name gets 400 (Bad Request), whatever its password.
  if (user.includes('%')) return 'must hold no percent sign: coturn up to 4.12 crashes on it (GHSA-4g7c-p5wg-j4hp)';
  if (/['"\\]/.test(user)) return 'must hold no quote and no backslash: coturn refuses them';
  if (/union/i.test(user) && /select/i.test(user))
    return 'must not hold both "union" and "select": coturn takes it for SQL';
  return undefined;
}

/** What coturn calls the method of a request in its log (4.6.1 and 4.17.1, `stun_method_str` and the callers of `log_method`). */
const METHODS = new Map([
  ['ALLOCATE', 'allocate'],
  ['REFRESH', 'refresh'],
  ['CREATE_PERMISSION', 'create_permission'],
  ['CHANNEL_BIND', 'channel_bind'],
  ['CONNECT', 'connect'],
  ['CONNECTION_BIND', 'connection_bind'],
  ['BINDING', 'binding'],
  ['SEND', 'send'],
  ['DATA', 'data'],
] as const);

const CODES = [
  ...['300', '400', '401', '403', '404', '405', '420', '437', '438', '440', '441', '442', '443', '446', '447'],
  ...['486', '487', '500', '508'],
] as const;
const KNOWN_CODES: ReadonlySet<string> = new Set(CODES);

/** A method of RFC 8489, 8656 or 6062. `other`: one that they do not know, or that coturn's record does not tell. */
export type StunMethod = typeof METHODS extends Map<string, infer Label> ? Label | 'other' : never;
/** An error code that coturn gives, or `other`. */
export type StunCode = (typeof CODES)[number] | 'other';

/**
 * `unknown`: no secret or user fits (in REST mode also a wrong password) · `incorrect`: the user is known, the password
 * wrong · `expired`: the REST user name's time is over · `malformed`: a user name or realm that coturn refuses to read.
 */
export type AuthFailure = 'unknown' | 'incorrect' | 'expired' | 'malformed';

export type TlsProtocol = 'tls' | 'dtls';

/** A method as coturn spells it. */
export function stunMethod(name: string): StunMethod {
  return (METHODS as ReadonlyMap<string, StunMethod>).get(name) ?? 'other';
}

/** A code in three digits. */
export function stunCode(digits: string): StunCode {
  return isKnownCode(digits) ? digits : 'other';
}

function isKnownCode(digits: string): digits is (typeof CODES)[number] {
  return KNOWN_CODES.has(digits);
}

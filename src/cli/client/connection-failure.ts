import { messageOf, systemCode, UserError } from '../../lib/errors';

/** What to do about a request that brought no answer. `error` is the socket's or TLS' own. */
export function connectionFailure(error: unknown, url: URL): UserError {
  return new UserError('unavailable', sentenceFor(error, url.origin), { cause: error });
}

/** An answer that stopped before its end. */
export function brokenOff(error: unknown): UserError {
  const message = 'The connection broke before the answer was whole: what came is incomplete. Ask again.';
  return new UserError('unavailable', message, { cause: error });
}

function sentenceFor(error: unknown, origin: string): string {
  const code = systemCode(error) ?? '';
  const known = SENTENCES.find(([codes]) => codes.test(code));
  return known ? known[1](origin) : `The agent at ${origin} can't be asked: ${messageOf(error)}.`;
}

/** By the codes of Node.js 20 to 24: libuv's, OpenSSL's, and those of OpenSSL's verification (openssl-verification-options(1)). */
const SENTENCES: readonly (readonly [codes: RegExp, sentence: (origin: string) => string])[] = [
  [
    /^ECONNREFUSED$/,
    (origin) => `No agent answers at ${origin}: start it (turnkeeper run), or say where it is with --url.`,
  ],
  [/^(ENOTFOUND|EAI_AGAIN)$/, (origin) => `The name in ${origin} is not known here: check --url.`],
  [
    /^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/,
    (origin) => `${origin} can't be reached: check --url, and the firewall between.`,
  ],
  [/^(ECONNRESET|EPIPE|HPE_\w+)$/, closedSentence],
  [
    /SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/,
    (origin) => `The certificate of ${origin} is of an authority unknown here: name its file in NODE_EXTRA_CA_CERTS.`,
  ],
  [
    /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    (origin) => `The certificate of ${origin} is for another name: give --url the name that stands in it.`,
  ],
  [/^CERT_HAS_EXPIRED$/, (origin) => `The certificate of ${origin} has expired: renew it.`],
  // Node.js names OpenSSL's alerts and its confusion by plain HTTP alike.
  [
    /^(EPROTO|ERR_SSL_\w+)$/,
    (origin) =>
      `No TLS could be agreed on with ${origin}: give --url http://..., or use curl with a client certificate.`,
  ],
];

/** What an HTTPS server does with HTTP, and one that wants a client certificate with who has none. */
function closedSentence(origin: string): string {
  return origin.startsWith('https:')
    ? `The agent at ${origin} closed the connection: where it wants a client certificate, use curl.`
    : `The agent at ${origin} closed the connection: where it serves TLS, give --url https://...`;
}

import { messageOf, systemCode } from '../../lib/errors';

/** Why no TURN server's answer came. */
export type FailureKind = 'unresolved' | 'unreachable' | 'untrusted' | 'silent' | 'garbled' | 'closed';

/** Ends a test before the server granted or refused. */
export class TurnFailure extends Error {
  override readonly name = 'TurnFailure';

  constructor(
    readonly kind: FailureKind,
    /** The system's code, such as `ECONNREFUSED`, or its message. */
    readonly detail?: string,
  ) {
    super(detail ?? kind);
  }
}

/** OpenSSL's verification and Node.js' check of the name (openssl-verification-options(1), tls.checkServerIdentity). */
const UNTRUSTED =
  /^(CERT_\w+|\w*SELF_SIGNED\w*|UNABLE_TO_\w+|ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH|INVALID_CA)$/;
const CLOSED = /^(ECONNRESET|EPIPE|ERR_SOCKET_CLOSED)$/;

/** What an error of a socket, of TLS or of the resolver means. */
export function failureOf(error: unknown): TurnFailure {
  if (error instanceof TurnFailure) return error;
  const code = systemCode(error) ?? '';
  if (UNTRUSTED.test(code)) return new TurnFailure('untrusted', code);
  if (CLOSED.test(code)) return new TurnFailure('closed');
  return new TurnFailure('unreachable', code === '' ? messageOf(error) : code);
}

import { isLoopbackHost } from '../lib/loopback';

/** How a mail server is reached. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the start (RFC 8314 section 3.3). */
  readonly secure: boolean;
  /** Nothing is said before STARTTLS: a password would go over the network as it is. */
  readonly requireTLS: boolean;
  readonly auth?: { readonly user: string; readonly pass: string };
}

const SUBMISSIONS = 465;
const SUBMISSION = 587;

/** Of a URL that the configuration has checked. */
export function smtpServerOf(url: string): SmtpServer {
  const { protocol, hostname, port, username, password } = new URL(url);
  const secure = protocol === 'smtps:';
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return {
    host,
    port: port === '' ? (secure ? SUBMISSIONS : SUBMISSION) : Number(port),
    secure,
    requireTLS: !secure && username !== '' && !isLoopbackHost(host),
    ...(username !== '' && { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
  };
}

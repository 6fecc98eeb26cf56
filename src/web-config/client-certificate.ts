import { isIP, SocketAddress } from 'node:net';
import type { TLSSocket } from 'node:tls';

/** Go's ClientAuthType. */
export const CLIENT_AUTH_TYPES = [
  'NoClientCert',
  'RequestClientCert',
  'RequireAnyClientCert',
  'VerifyClientCertIfGiven',
  'RequireAndVerifyClientCert',
] as const;
export type ClientAuthType = (typeof CLIENT_AUTH_TYPES)[number];

export interface ClientCertificatePolicy {
  readonly clientAuth: ClientAuthType;
  /** One of them must be in the certificate; empty: any. */
  readonly allowedSans: readonly string[];
}

/** The certificate that a client showed. */
export interface ShownCertificate {
  /** It comes from the configured authority. */
  readonly verified: boolean;
  /** As Node.js writes it: `DNS:a.example, IP Address:192.0.2.1`. */
  readonly subjectAltName: string | undefined;
}

export function shownCertificate(socket: TLSSocket): ShownCertificate | undefined {
  const certificate = socket.getPeerX509Certificate();
  // `authorized` alone is not enough: Node.js 20 sets it on each resumed TLS 1.3 session, also on one without a certificate.
  return certificate && { verified: socket.authorized, subjectAltName: certificate.subjectAltName };
}

/** Whether a connection may go on. */
export function accepts(policy: ClientCertificatePolicy, shown: ShownCertificate | undefined): boolean {
  return acceptsTrust(policy.clientAuth, shown) && acceptsNames(policy.allowedSans, shown);
}

function acceptsTrust(clientAuth: ClientAuthType, shown: ShownCertificate | undefined): boolean {
  switch (clientAuth) {
    case 'NoClientCert':
    case 'RequestClientCert':
      return true;
    case 'RequireAnyClientCert':
      return shown !== undefined;
    case 'VerifyClientCertIfGiven':
      return shown === undefined || shown.verified;
    case 'RequireAndVerifyClientCert':
      return shown?.verified === true;
  }
}

function acceptsNames(allowed: readonly string[], shown: ShownCertificate | undefined): boolean {
  if (allowed.length === 0) return true;
  const names = new Set(subjectAltNames(shown?.subjectAltName ?? ''));
  return allowed.some((name) => names.has(plain(name)));
}

/** DNS names, addresses, e-mails and URIs of Node.js' text form; what holds a comma or quote stands there as a JSON string. */
export function subjectAltNames(text: string): string[] {
  const entries = text.matchAll(/(?:^|, )(?:DNS|IP Address|email|URI):("(?:[^"\\]|\\.)*"|[^,"]*)(?=, |$)/g);
  return [...entries].map(([, name = '']) => plain(name.startsWith('"') ? (JSON.parse(name) as string) : name));
}

/** An IPv6 address has many spellings: Go compares the shortest. */
function plain(name: string): string {
  return isIP(name) === 6 ? new SocketAddress({ address: name, family: 'ipv6' }).address : name;
}

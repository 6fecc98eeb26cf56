import { isIPv6 } from 'node:net';

export type Transport = 'udp' | 'tcp' | 'tls';

/** Where a TURN URI leads to. */
export interface TurnTarget {
  readonly transport: Transport;
  /** A name or an IP address, without brackets. */
  readonly host: string;
  readonly port: number;
}

export type ParsedUri =
  | { readonly kind: 'target'; readonly target: TurnTarget }
  /** `why` ends a sentence that begins with the URI. */
  | { readonly kind: 'untested'; readonly why: string };

/** RFC 7065 section 3.2: the ports of TURN and of TURN over TLS. */
const USUAL_PORTS = { turn: 3478, turns: 5349 } as const;
const HOST = String.raw`(?:\[(?<ipv6>[0-9a-f:.]{2,45})\]|(?<name>[a-z0-9._-]{1,255}))`;
const SYNTAX = new RegExp(
  String.raw`^(?<scheme>turns?):${HOST}(?::(?<port>\d{1,5}))?(?:\?transport=(?<transport>[a-z]{1,10}))?$`,
);

/** Reads a TURN URI (RFC 7065). The service records of RFC 5928 are not looked up: browsers do not either. */
export function parseTurnUri(uri: string): ParsedUri {
  if (/^stuns?:/i.test(uri)) return untested('a STUN server asks for no credential');
  const parts = SYNTAX.exec(uri.toLowerCase())?.groups ?? {};
  const scheme = parts['scheme'] === 'turns' ? 'turns' : 'turn';
  const host = hostOf(parts);
  const port = Number(parts['port'] ?? USUAL_PORTS[scheme]);
  if (host === undefined || port < 1 || port > 65_535) {
    return untested('it is no TURN URI, such as turn:turn.example.org:3478?transport=udp');
  }
  const transport = transportOf(scheme, parts['transport']);
  if (transport === 'dtls') return untested('turnkeeper does not speak DTLS');
  if (!transport) return untested('its transport is neither udp nor tcp');
  return { kind: 'target', target: { transport, host, port } };
}

function hostOf({ ipv6, name }: Readonly<Record<string, string | undefined>>): string | undefined {
  return ipv6 === undefined || isIPv6(ipv6) ? (ipv6 ?? name) : undefined;
}

function transportOf(scheme: keyof typeof USUAL_PORTS, asked: string | undefined): Transport | 'dtls' | undefined {
  const isSecure = scheme === 'turns';
  switch (asked) {
    case undefined: // What libwebrtc takes: UDP, and TLS over TCP.
      return isSecure ? 'tls' : 'udp';
    case 'udp':
      return isSecure ? 'dtls' : 'udp';
    case 'tcp':
      return isSecure ? 'tls' : 'tcp';
    default:
      return undefined;
  }
}

function untested(why: string): ParsedUri {
  return { kind: 'untested', why };
}

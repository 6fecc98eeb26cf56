/** How the client reaches the relay (RFC 8656 section 3.1); `other` is what coturn did not tell or we do not know. */
export const TRANSPORTS = ['udp', 'tcp', 'tls', 'dtls', 'other'] as const;
export type Transport = (typeof TRANSPORTS)[number];

const BY_COTURN_NAME: Readonly<Record<string, Transport>> = { UDP: 'udp', TCP: 'tcp', 'TLS/TCP': 'tls', DTLS: 'dtls' };

/** coturn 4.6.1 and 4.17.1 write `type=UDP`, `TCP`, `TLS/TCP` or `DTLS`; older servers write nothing. */
export function transportOf(coturnName: string | undefined): Transport {
  return BY_COTURN_NAME[coturnName ?? ''] ?? 'other';
}

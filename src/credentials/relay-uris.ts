import { isIPv6 } from 'node:net';
import type { NetworkInterfaceInfo } from 'node:os';
import type { CoturnConfig } from '../config/schema';

type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/**
 * The TURN URIs (RFC 7065) under which clients reach a coturn with this configuration: the external address when there is
 * one, else those it listens on; for a wildcard, the machine's own.
 */
export function relayUris(coturn: CoturnConfig, interfaces: Interfaces): string[] {
  return relayHosts(coturn, interfaces).flatMap((host) => urisOf(isIPv6(host) ? `[${host}]` : host, coturn));
}

function urisOf(host: string, coturn: CoturnConfig): string[] {
  const off = (key: string): boolean => coturn.extra[key] === true;
  const uris: string[] = [];
  if (!off('no-udp')) uris.push(`turn:${host}:${coturn.listeningPort}?transport=udp`);
  if (!off('no-tcp')) uris.push(`turn:${host}:${coturn.listeningPort}?transport=tcp`);
  if (coturn.cert !== undefined && !off('no-tls')) uris.push(`turns:${host}:${coturn.tlsListeningPort}?transport=tcp`);
  return uris;
}

function relayHosts(coturn: CoturnConfig, interfaces: Interfaces): string[] {
  // turnserver.conf also has `external-ip=<public>/<private>`.
  if (coturn.externalIp !== undefined) return [coturn.externalIp.split('/', 1)[0] ?? coturn.externalIp];
  return [...new Set(coturn.listeningIp.flatMap((ip) => expandWildcard(ip, interfaces)))];
}

function expandWildcard(ip: string, interfaces: Interfaces): string[] {
  if (ip === '0.0.0.0') return ownAddresses('IPv4', interfaces, '127.0.0.1');
  if (ip === '::') return ownAddresses('IPv6', interfaces, '::1');
  return [ip];
}

/** Link-local addresses (RFC 4291 section 2.5.6) mean nothing without an interface, which a TURN URI can't name. */
function ownAddresses(family: 'IPv4' | 'IPv6', interfaces: Interfaces, loopback: string): string[] {
  const own = Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .filter((entry) => entry.family === family && !entry.internal && !/^(fe[89ab].:|169\.254\.)/i.test(entry.address))
    .map((entry) => entry.address);
  return own.length > 0 ? own : [loopback];
}

import { isIPv4 } from 'node:net';

/** An IP address of this machine that no other can reach (RFC 1122 section 3.2.1.3, RFC 4291 section 2.5.3). */
export function isLoopback(address: string): boolean {
  const ip = address.replace(/^::ffff:/i, '');
  return ip === '::1' || (isIPv4(ip) && ip.startsWith('127.'));
}

/** The same of a host: an address, or `localhost` (RFC 6761 section 6.3). */
export function isLoopbackHost(host: string): boolean {
  return host.toLowerCase() === 'localhost' || isLoopback(host);
}

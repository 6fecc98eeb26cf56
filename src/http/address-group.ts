import { isIPv6 } from 'node:net';

const GROUPS = 8;
/** One household or host is given a /64 at least (RFC 6177), and can send from any address of it. */
const GROUPS_OF_64 = 4;

/** Which addresses count as one: of IPv6 a /64, of IPv4 each by itself. `address` is a socket's, as the kernel writes it. */
export function addressGroup(address: string): string {
  const ip = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (!isIPv6(ip)) return ip;
  const [head = [], tail = []] = ip.split('::', 2).map((part) => (part === '' ? [] : part.split(':')));
  const zeros = Array<string>(GROUPS - head.length - tail.length).fill('0');
  const network = [...head, ...zeros, ...tail].slice(0, GROUPS_OF_64);
  return `${network.join(':')}::/64`;
}

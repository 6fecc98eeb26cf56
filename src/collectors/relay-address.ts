import { endianness } from 'node:os';
import { BlockList, isIPv6 } from 'node:net';

const BYTES_PER_IPV4 = 4;

/** `listening-ip=0.0.0.0` lets coturn choose among the machine's addresses; it binds each relay socket to one of them. */
const ANY: ReadonlySet<string> = new Set(['0.0.0.0', '::']);
const UNBOUND = /^0+$/;

/**
 * A test of local addresses as /proc/net/{udp,tcp}{,6} have them: is it one that coturn relays on? What the test
 * remembers is bounded by the machine's own addresses.
 */
export function relayAddressTest(relayIps: readonly string[]): (hex: string) => boolean {
  if (relayIps.some((ip) => ANY.has(ip))) return (hex) => !UNBOUND.test(hex);
  const relay = new BlockList();
  for (const ip of relayIps) relay.addAddress(ip, family(ip));
  const known = new Map<string, boolean>();
  return (hex) => {
    const answer = known.get(hex) ?? contains(relay, parseProcAddress(hex));
    known.set(hex, answer);
    return answer;
  };
}

/**
 * The IP address behind 8 or 32 hexadecimal digits: each 32-bit word of the address, which is in network order,
 * printed as a number of the machine (`0100007F` is 127.0.0.1 on x86 and ARM).
 */
export function parseProcAddress(hex: string, byteOrder = endianness()): string {
  const bytes = Buffer.from(hex, 'hex');
  if (byteOrder === 'LE') bytes.swap32();
  if (bytes.length === BYTES_PER_IPV4) return bytes.join('.');
  const groups = Array.from({ length: bytes.length / 2 }, (_, index) => bytes.readUInt16BE(2 * index).toString(16));
  return groups.join(':');
}

function contains(list: BlockList, ip: string): boolean {
  return list.check(ip, family(ip));
}

function family(ip: string): 'ipv4' | 'ipv6' {
  return isIPv6(ip) ? 'ipv6' : 'ipv4';
}

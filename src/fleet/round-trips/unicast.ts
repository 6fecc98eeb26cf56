import { BlockList } from 'node:net';

/** Ranges by RFC 1122 section 3.2.1.3, RFC 1112 section 4, RFC 4291 sections 2.5.2 and 2.7. */
const NOT_UNICAST = new BlockList();
NOT_UNICAST.addSubnet('0.0.0.0', 8);
NOT_UNICAST.addSubnet('224.0.0.0', 3);
NOT_UNICAST.addAddress('::', 'ipv6');
NOT_UNICAST.addSubnet('ff00::', 8, 'ipv6');

/** Whether the address is one machine's: one packet to any other could be answered by many. */
export function isUnicast(address: string, family: 'ipv4' | 'ipv6'): boolean {
  return !NOT_UNICAST.check(address, family);
}

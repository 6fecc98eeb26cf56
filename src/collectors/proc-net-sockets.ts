/** Which lines of a socket table count. */
export interface SocketFilter {
  readonly minPort: number;
  readonly maxPort: number;
  /** The kernel's socket state: TCP_LISTEN is 0x0A; TCP_CLOSE, 0x07, is a UDP socket that is not connected (net/tcp_states.h). */
  readonly state: number;
  /** Who made the socket. */
  readonly uid: number;
  /** Whether a local address counts, as the table has it: 8 or 32 hexadecimal digits. */
  readonly hasAddress: (hex: string) => boolean;
}

const NEWLINE = 0x0a;
const SPACE = 0x20;
const ZERO = 0x30;
const COLON = 0x3a;

/**
 * How many sockets pass the filter, in whole lines of /proc/net/{udp,udp6,tcp,tcp6}:
 * `sl: <address>:<port> <address>:<port> <state> <queues> <timer> <retransmits> <uid> ...`, hexadecimal but for sl and
 * uid (udp4_format_sock, net/ipv4/udp.c). A busy relay has 60,000 of them: this reads bytes, and makes a string only
 * for the address of a socket that passed everything else.
 */
export function countSockets(lines: Buffer, filter: SocketFilter): number {
  let count = 0;
  let start = 0;
  for (let end = lines.indexOf(NEWLINE); end >= 0; end = lines.indexOf(NEWLINE, start)) {
    if (passes(lines, start, end, filter)) count++;
    start = end + 1;
  }
  return count;
}

function passes(lines: Buffer, start: number, end: number, filter: SocketFilter): boolean {
  const colon = lines.indexOf(COLON, start);
  /** The heading has none. */
  if (colon < 0 || colon > end) return false;
  const address = colon + ': '.length;
  const addressEnd = lines.indexOf(COLON, address);
  const port = hexAt(lines, addressEnd + 1, 4);
  if (port < filter.minPort || port > filter.maxPort) return false;
  const remote = addressEnd + ':0000 '.length;
  const state = remote + (addressEnd - address) + ':0000 '.length;
  if (hexAt(lines, state, 2) !== filter.state) return false;
  if (uidAt(lines, state) !== filter.uid) return false;
  return filter.hasAddress(lines.toString('latin1', address, addressEnd));
}

function hexAt(lines: Buffer, start: number, digits: number): number {
  let value = 0;
  for (let at = start; at < start + digits; at++) {
    const byte = lines[at] ?? 0;
    /** '0'–'9' are 0x30–0x39, 'A'–'F' 0x41–0x46. */
    value = value * 16 + (byte < COLON ? byte - ZERO : byte - 0x37);
  }
  return value;
}

/** The uid is the fourth field after the state, padded with spaces. */
function uidAt(lines: Buffer, state: number): number {
  let at = state;
  for (let field = 0; field < 4; field++) at = lines.indexOf(SPACE, at) + 1;
  while (lines[at] === SPACE) at++;
  let uid = 0;
  for (let digit = lines[at] ?? SPACE; digit > SPACE; digit = lines[++at] ?? SPACE) uid = uid * 10 + (digit - ZERO);
  return uid;
}

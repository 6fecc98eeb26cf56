/** Datagrams that the kernel threw away because a socket's buffer was full. */
export interface UdpBufferErrors {
  readonly receive: number;
  readonly send: number;
}

/**
 * Reads /proc/net/snmp (IPv4): two lines a protocol, names above values (snmp_seq_show, net/ipv4/proc.c).
 * Throws when the counters are not there.
 */
export function parseSnmp(text: string): UdpBufferErrors {
  const [names = [], values = []] = text
    .split('\n')
    .filter((line) => line.startsWith('Udp:'))
    .map((line) => line.trim().split(/\s+/));
  return fromCounters(new Map(names.map((name, index) => [name, Number(values[index])])), '');
}

/** Reads /proc/net/snmp6: a name and a value a line (net/ipv6/proc.c). Throws when the counters are not there. */
export function parseSnmp6(text: string): UdpBufferErrors {
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/));
  return fromCounters(new Map(lines.map(([name = '', value]) => [name, Number(value)])), 'Udp6');
}

function fromCounters(counters: ReadonlyMap<string, number>, prefix: string): UdpBufferErrors {
  const receive = counters.get(`${prefix}RcvbufErrors`);
  const send = counters.get(`${prefix}SndbufErrors`);
  if (receive === undefined || send === undefined) throw new Error('the kernel shows no UDP buffer errors');
  return { receive, send };
}

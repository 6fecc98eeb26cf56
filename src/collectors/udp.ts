import { join } from 'node:path';
import { single, type Collector } from './collector';
import { parseSnmp, parseSnmp6, type UdpBufferErrors } from './proc-net-snmp';
import { ifPresent, readText, type SystemRoots } from './system-files';

/**
 * Datagrams lost in the kernel for want of buffer space, IPv4 and IPv6, by all sockets of coturn's network namespace:
 * that of its process, or the agent's own while there is none.
 */
export function udpCollector(roots: SystemRoots, coturnPid: () => number | undefined): Collector {
  return {
    name: 'udp',
    async collect(signal) {
      const pid = coturnPid();
      const coturns = pid === undefined ? undefined : await readErrors(join(roots.proc, `${pid}/net`), signal);
      const errors = coturns ?? (await readErrors(join(roots.proc, 'net'), signal));
      if (!errors) throw new Error(`${roots.proc}/net/snmp is not there`);
      return [
        single(
          'counter',
          'coturn_udp_receive_buffer_errors_total',
          "Datagrams that the kernel dropped because a socket's receive buffer was full: of all UDP sockets in coturn's network namespace.",
          errors.receive,
        ),
        single(
          'counter',
          'coturn_udp_send_buffer_errors_total',
          "Datagrams that the kernel dropped because a socket's send buffer was full: of all UDP sockets in coturn's network namespace.",
          errors.send,
        ),
      ];
    },
  };
}

/** Undefined when the process has ended. A kernel without IPv6 has no snmp6. */
async function readErrors(folder: string, signal: AbortSignal): Promise<UdpBufferErrors | undefined> {
  const [snmp, snmp6] = await Promise.all([
    ifPresent(readText(join(folder, 'snmp'), signal)),
    ifPresent(readText(join(folder, 'snmp6'), signal)),
  ]);
  if (snmp === undefined) return undefined;
  const ipv4 = parseSnmp(snmp);
  const ipv6 = snmp6 === undefined ? { receive: 0, send: 0 } : parseSnmp6(snmp6);
  return { receive: ipv4.receive + ipv6.receive, send: ipv4.send + ipv6.send };
}

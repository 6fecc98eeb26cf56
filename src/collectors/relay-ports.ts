import type { Clock } from '../lib/clock';
import { single, type Collector, type MetricFamily } from './collector';
import { relayAddressTest } from './relay-address';
import { countRelaySockets } from './relay-sockets';
import { Sparing } from './sparing';
import type { SystemRoots } from './system-files';

export interface RelayPortsOptions {
  readonly roots: SystemRoots;
  readonly clock: Clock;
  readonly coturnPid: () => number | undefined;
  readonly minPort: number;
  readonly maxPort: number;
  /** `relay-ip`, or `listening-ip` where there is none: coturn 4.6.1 then relays on those ("Relay address to use"). */
  readonly relayIps: readonly string[];
}

/**
 * The kernel walks all UDP sockets again for each 4 KiB that it shows of them (udp_get_idx, net/ipv4/udp.c): 60,000
 * take a second of CPU. So a count stands for 50 times as long as it took, which keeps it under 2 % of a core.
 */
const REST_FACTOR = 50;

/** How many relay ports coturn holds, of how many. */
export function relayPortsCollector({ roots, clock, coturnPid, ...range }: RelayPortsOptions): Collector {
  const { minPort, maxPort, relayIps } = range;
  const wanted = { minPort, maxPort, hasAddress: relayAddressTest(relayIps) };
  const counts = new Sparing<number, number | undefined>(clock, REST_FACTOR);
  return {
    name: 'relay_ports',
    async collect(signal) {
      const pid = coturnPid();
      const limit = limitFamily((maxPort - minPort + 1) * relayIps.length);
      if (pid === undefined) return [limit];
      const used = await counts.get(pid, () => countRelaySockets(roots, pid, wanted, signal));
      return used === undefined ? [limit] : [usedFamily(used), limit];
    },
  };
}

function usedFamily(ports: number): MetricFamily {
  return single('gauge', 'coturn_relay_ports_used', 'Relay ports that coturn holds now.', ports);
}

function limitFamily(ports: number): MetricFamily {
  const help = 'Relay ports that coturn can hold: its port range, on each relay address.';
  return single('gauge', 'coturn_relay_ports_limit', help, ports);
}

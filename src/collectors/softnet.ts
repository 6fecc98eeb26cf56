import { join } from 'node:path';
import { single, type Collector, type MetricFamily } from './collector';
import {
  NO_COUNTS,
  parseSoftnetStat,
  softnetIncrease,
  type SoftnetByCpu,
  type SoftnetCounts,
} from './proc-net-softnet';
import { ifPresent, readText, type SystemRoots } from './system-files';

/**
 * What the machine's CPUs made of packets that came in. The kernel counts them in 32 bits for each CPU, and a busy relay is
 * through those within the hour: their sum would jump back, so here is what was added since the agent first looked.
 */
export function softnetCollector({ proc }: SystemRoots): Collector {
  let last: SoftnetByCpu = new Map();
  let total = NO_COUNTS;
  return {
    name: 'softnet',
    async collect(signal) {
      const text = await ifPresent(readText(join(proc, 'net/softnet_stat'), signal));
      // Not every sandbox that looks like Linux has it (gVisor).
      if (text === undefined) return [];
      const now = parseSoftnetStat(text);
      total = sum(total, softnetIncrease(last, now));
      last = now;
      return families(total);
    },
  };
}

function sum(one: SoftnetCounts, other: SoftnetCounts): SoftnetCounts {
  return {
    processed: one.processed + other.processed,
    dropped: one.dropped + other.dropped,
    squeezed: one.squeezed + other.squeezed,
  };
}

function families({ processed, dropped, squeezed }: SoftnetCounts): MetricFamily[] {
  const where = 'on all CPUs and devices, since the agent first looked';
  return [
    single(
      'counter',
      'coturn_network_softnet_packets_total',
      `Packets that the kernel took in for processing, ${where}.`,
      processed,
    ),
    single(
      'counter',
      'coturn_network_softnet_drops_total',
      `Packets that the kernel dropped because a CPU's backlog was full (net.core.netdev_max_backlog), ${where}.`,
      dropped,
    ),
    single(
      'counter',
      'coturn_network_softnet_squeezes_total',
      `Times that a CPU stopped taking packets in with some left, its budget spent (net.core.netdev_budget), ${where}.`,
      squeezed,
    ),
  ];
}

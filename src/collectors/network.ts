import { join } from 'node:path';
import type { Collector, MetricFamily, Sample } from './collector';
import { readDevices, selectDevices, speedMbps } from './network-devices';
import { freeBytesPerSecond } from './network-rate';
import type { NetworkSampler } from './network-sampler';
import { parseNetDev, type DeviceCounters, type DirectionCounters } from './proc-net-dev';
import { readText, type SystemRoots } from './system-files';

const BYTES_PER_MEGABIT = 125_000;

export interface NetworkOptions {
  readonly roots: SystemRoots;
  readonly sampler: Pick<NetworkSampler, 'rateOf'>;
  readonly devices: 'auto' | readonly string[];
  /** Of each device, in each direction. */
  readonly capacityMbps: 'auto' | number;
}

/** One network device as it is now. */
export interface NetworkStatus {
  readonly device: string;
  readonly counters: DeviceCounters;
  /** In each direction; undefined when neither the configuration nor the card tells. */
  readonly capacityBytesPerSecond: number | undefined;
  /** In the fuller direction; undefined without a capacity, or before the first interval was measured. */
  readonly freeBytesPerSecond: number | undefined;
}

/** The devices that count, as they are now. */
export async function networkStatus(options: NetworkOptions, signal?: AbortSignal): Promise<readonly NetworkStatus[]> {
  const { roots, sampler, devices, capacityMbps } = options;
  const all = await readDevices(roots, signal);
  const counters = parseNetDev(await readText(join(roots.proc, 'net/dev'), signal));
  return selectDevices(all, devices).flatMap((facts) => {
    const counted = counters.get(facts.device);
    if (!counted) return [];
    const mbps = capacityMbps === 'auto' ? speedMbps(facts, all) : capacityMbps;
    const capacity = mbps === undefined ? undefined : mbps * BYTES_PER_MEGABIT;
    const used = sampler.rateOf(facts.device);
    const free = capacity === undefined || used === undefined ? undefined : freeBytesPerSecond(capacity, used);
    return [{ device: facts.device, counters: counted, capacityBytesPerSecond: capacity, freeBytesPerSecond: free }];
  });
}

/** The network cards: what they carried, what they can carry, and what room that leaves. */
export function networkCollector(options: NetworkOptions): Collector {
  return {
    name: 'network',
    async collect(signal) {
      const status = await networkStatus(options, signal);
      return [...trafficFamilies('receive', status), ...trafficFamilies('transmit', status), ...roomFamilies(status)];
    },
  };
}

function trafficFamilies(direction: 'receive' | 'transmit', status: readonly NetworkStatus[]): MetricFamily[] {
  const verb = direction === 'receive' ? 'received' : 'transmitted';
  const family = (kind: keyof DirectionCounters, help: string): MetricFamily => ({
    name: `coturn_network_${direction}_${kind}_total`,
    help: `${help} the network device, as the kernel counts them.`,
    type: 'counter',
    samples: status.map(({ device, counters }) => ({ labels: { device }, value: counters[direction][kind] })),
  });
  return [
    family('bytes', `Bytes ${verb} by`),
    family('packets', `Packets ${verb} by`),
    family('errors', `Packets not ${verb} because of errors of`),
    family('drops', `Packets dropped instead of being ${verb} by`),
  ];
}

function roomFamilies(status: readonly NetworkStatus[]): MetricFamily[] {
  const gauge = (name: string, help: string, valueOf: (status: NetworkStatus) => number | undefined): MetricFamily => ({
    name: `coturn_network_${name}`,
    help,
    type: 'gauge',
    samples: status.flatMap((one) => sampleOf(one.device, valueOf(one))),
  });
  return [
    gauge(
      'capacity_bytes_per_second',
      'What the network device can carry in each direction, in bytes per second: as configured, or as the card says.',
      ({ capacityBytesPerSecond }) => capacityBytesPerSecond,
    ),
    gauge(
      'free_bytes_per_second',
      'Capacity of the network device less the larger of its receive and transmit rates of the last 5 seconds, in bytes per second.',
      (one) => one.freeBytesPerSecond,
    ),
    gauge(
      'free_mbps',
      'Free capacity of the network device in megabits per second: the free traffic that the registry publishes.',
      (one) => (one.freeBytesPerSecond === undefined ? undefined : one.freeBytesPerSecond / BYTES_PER_MEGABIT),
    ),
  ];
}

function sampleOf(device: string, value: number | undefined): readonly Sample[] {
  return value === undefined ? [] : [{ labels: { device }, value }];
}

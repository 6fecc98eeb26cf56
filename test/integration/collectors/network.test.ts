import { networkCollector, type NetworkOptions } from '../../../src/collectors/network';
import { NetworkSampler } from '../../../src/collectors/network-sampler';
import { systemRoots } from '../../../src/collectors/system-files';
import { ManualClock } from '../../unit/collectors/manual-clock';
import { recordingLogger } from '../../unit/collectors/recording-logger';
import { Machine } from './machine';
import { eventually } from '../../support/eventually';

const MBPS = 125_000;

let machine: Machine;
beforeEach(() => (machine = new Machine()));
afterEach(() => {
  machine.dispose();
});

/** Each series of the collector, without its prefix. */
async function series(options: Partial<NetworkOptions>): Promise<Record<string, number>> {
  const sampler = { rateOf: () => undefined };
  const collector = networkCollector({
    roots: machine.roots,
    sampler,
    devices: 'auto',
    capacityMbps: 'auto',
    ...options,
  });
  const families = await collector.collect(new AbortController().signal);
  return Object.fromEntries(
    families.flatMap(({ name, samples }) =>
      samples.map(({ labels, value }) => [`${name.replace('coturn_network_', '')} ${labels?.['device'] ?? ''}`, value]),
    ),
  );
}

const room = (all: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(all).filter(([name]) => /^(capacity|free)/.test(name)));

test('the captured machine: its one card is counted; it tells no speed, so nothing is said of capacity', async () => {
  expect(await series({})).toEqual({
    'receive_bytes_total eth0': expect.any(Number) as number,
    'receive_packets_total eth0': expect.any(Number) as number,
    'receive_errors_total eth0': 0,
    'receive_drops_total eth0': 0,
    'transmit_bytes_total eth0': expect.any(Number) as number,
    'transmit_packets_total eth0': expect.any(Number) as number,
    'transmit_errors_total eth0': 0,
    'transmit_drops_total eth0': 0,
  });
});

test("the kernel's counters go to the right direction and kind", async () => {
  machine.setBytes({ eth0: [100, 200] });
  expect(await series({})).toEqual({
    'receive_bytes_total eth0': 100,
    'receive_packets_total eth0': 1,
    'receive_errors_total eth0': 2,
    'receive_drops_total eth0': 3,
    'transmit_bytes_total eth0': 200,
    'transmit_packets_total eth0': 4,
    'transmit_errors_total eth0': 5,
    'transmit_drops_total eth0': 6,
  });
});

test("free capacity is the card's speed less its rate; with none known it is left out", async () => {
  machine.addDevice('eth1', { speed: '1000' });
  machine.setBytes({ eth0: [0, 0], eth1: [0, 0] });
  const rates: Record<string, number> = { eth0: 5 * MBPS, eth1: 100 * MBPS };
  expect(room(await series({ sampler: { rateOf: (device) => rates[device] } }))).toEqual({
    'capacity_bytes_per_second eth1': 1000 * MBPS,
    'free_bytes_per_second eth1': 900 * MBPS,
    'free_mbps eth1': 900,
  });
  expect(room(await series({}))).toEqual({ 'capacity_bytes_per_second eth1': 1000 * MBPS });
});

test('the configured capacity holds for each device, whatever the card says', async () => {
  machine.addDevice('eth1', { speed: '1000' });
  machine.setBytes({ eth0: [0, 0], eth1: [0, 0] });
  const all = await series({ capacityMbps: 300, sampler: { rateOf: () => 400 * MBPS } });
  expect(room(all)).toEqual({
    'capacity_bytes_per_second eth0': 300 * MBPS,
    'capacity_bytes_per_second eth1': 300 * MBPS,
    'free_bytes_per_second eth0': 0,
    'free_bytes_per_second eth1': 0,
    'free_mbps eth0': 0,
    'free_mbps eth1': 0,
  });
});

test.each(['-1', '4294967295', '0', ''])('a speed of "%s" is no capacity', async (speed) => {
  machine.addDevice('eth0', { speed });
  expect(room(await series({}))).toEqual({});
});

test("a device that is no card gives no capacity: veth's 10 Gb/s are made up", async () => {
  machine.remove('sys/class/net/eth0');
  machine.addDevice('eth0', { speed: '10000', hardware: false });
  machine.setBytes({ eth0: [7, 0] });
  const all = await series({});
  expect(all['receive_bytes_total eth0']).toBe(7);
  expect(room(all)).toEqual({});
});

test('a bond counts once, with what its parts can carry together', async () => {
  for (const name of ['eth0', 'eth1']) {
    machine.remove(`sys/class/net/${name}`);
    machine.addDevice(name, { speed: '1000', master: 'bond0' });
  }
  machine.addDevice('bond0', { speed: '2000', hardware: false, partsOfBond: ['eth0', 'eth1'] });
  machine.setBytes({ eth0: [1, 1], eth1: [1, 1], bond0: [2, 2] });
  const all = await series({ sampler: { rateOf: () => 500 * MBPS } });
  expect(all['receive_bytes_total bond0']).toBe(2);
  expect(Object.keys(all).filter((name) => !name.endsWith(' bond0'))).toEqual([]);
  expect(room(all)['free_mbps bond0']).toBe(1500);
});

test('a card that vanished, one inside another and a file among the devices lose nothing of the rest', async () => {
  machine.addDevice('gone', {});
  machine.addDevice('inner', { master: 'eth0' });
  machine.write('sys/class/net/bonding_masters', 'bond0\n');
  machine.setBytes({ eth0: [1, 1], inner: [1, 1] });
  const devices = Object.keys(await series({})).map((name) => name.split(' ')[1]);
  expect(new Set(devices)).toEqual(new Set(['eth0']));
});

test("this machine's own /proc and /sys are read", async () => {
  const all = await series({ roots: systemRoots, devices: ['lo'] });
  expect(all['receive_bytes_total lo']).toBeGreaterThanOrEqual(0);
});

describe('the sampler', () => {
  const setUp = () => {
    const clock = new ManualClock();
    const { logger, lines } = recordingLogger();
    return { clock, lines, sampler: new NetworkSampler(machine.roots, clock, logger) };
  };

  test('measures every 5 s, and not in between', async () => {
    const { clock, sampler } = setUp();
    machine.setBytes({ eth0: [0, 0] });
    await sampler.start();
    machine.setBytes({ eth0: [1000, 5000] });
    await clock.advance(4999);
    expect(sampler.rateOf('eth0')).toBeUndefined();
    await clock.advance(1);
    await eventually('a new rate', () => sampler.rateOf('eth0') === 1000);
    await sampler.stop();
  });

  test('has no rate rather than an old one while the counters cannot be read, and says so once', async () => {
    const { clock, sampler, lines } = setUp();
    machine.setBytes({ eth0: [0, 0] });
    await sampler.start();
    machine.setBytes({ eth0: [5000, 0] });
    await clock.advance(5000);
    await eventually('a new rate', () => sampler.rateOf('eth0') === 1000);
    machine.remove('proc/net/dev');
    await clock.advance(5000);
    await eventually('a new rate', () => sampler.rateOf('eth0') === undefined);
    await eventually('the sampler waits', () => clock.waiting === 1);
    await clock.advance(5000);
    await eventually('the sampler waits', () => clock.waiting === 1);
    expect(lines.map(({ msg }) => msg)).toEqual(['the network rate is not known: /proc/net/dev cannot be read']);
    await sampler.stop();
  });

  test('leaves no timer after its stop, and can be stopped before its start', async () => {
    const { clock, sampler } = setUp();
    await sampler.stop();
    await sampler.start();
    expect(clock.waiting).toBe(1);
    await sampler.stop();
    expect(clock.waiting).toBe(0);
  });
});

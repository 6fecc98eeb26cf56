import { readdirSync, readFileSync } from 'node:fs';
import type { Collector } from '../../../src/collectors/collector';
import { processCollector } from '../../../src/collectors/process';
import { relayPortsCollector } from '../../../src/collectors/relay-ports';
import { systemRoots } from '../../../src/collectors/system-files';
import { systemClock } from '../../../src/lib/clock';
import { eventually } from '../../support/eventually';
import { RunningCoturn } from './running-coturn';

const coturn = new RunningCoturn();
const { ip, minPort, maxPort } = coturn;
const coturnPid = (): number => coturn.pid;

beforeAll(() => coturn.ready());
afterAll(() => coturn.stop());

async function values(collector: Collector): Promise<Record<string, number>> {
  const families = await collector.collect(new AbortController().signal);
  return Object.fromEntries(families.map(({ name, samples }) => [name, samples[0]?.value ?? NaN]));
}

function relayPorts(...relayIps: string[]): Collector {
  return relayPortsCollector({ roots: systemRoots, clock: systemClock, coturnPid, minPort, maxPort, relayIps });
}

async function portsUsed(collector: Collector): Promise<number | undefined> {
  return (await values(collector))['coturn_relay_ports_used'];
}

test("the process metrics are those of coturn's process, in base units", async () => {
  const collector = processCollector(systemRoots, coturnPid);
  const inProc = (path: string): string => `/proc/${coturn.pid}/${path}`;
  const entries = (path: string): number => readdirSync(inProc(path)).length;
  await eventually('as many descriptors and threads as /proc lists, once coturn has settled', async () => {
    const now = await values(collector);
    return now['coturn_process_open_fds'] === entries('fd') && now['coturn_process_threads'] === entries('task');
  });
  const [, residentPages] = readFileSync(inProc('statm'), 'utf8').split(' ').map(Number);
  const maxFds = /open files +(\d+)/.exec(readFileSync(inProc('limits'), 'utf8'))?.[1];
  const process = await values(collector);
  expect(process['coturn_process_max_fds']).toBe(Number(maxFds));
  expect((process['coturn_process_resident_memory_bytes'] ?? 0) / ((residentPages ?? 0) * 4096)).toBeCloseTo(1, 1);
  expect(process['coturn_process_cpu_seconds_total']).toBeLessThan(5);
});

test("the relay ports in use follow coturn's allocations up and down again", async () => {
  const ports = relayPorts(ip);
  expect(await values(ports)).toEqual({ coturn_relay_ports_used: 0, coturn_relay_ports_limit: 100 });

  coturn.run('turnutils_peer', '-L', ip, '-p', '3480');
  /** Three clients with an allocation for RTP and one for RTCP each, that stay; a second, over TCP, relays TCP. */
  const udp = coturn.run('turnutils_uclient', ...`-L ${ip} -u u -w p -e ${ip} -n 1 -m 3 -h ${ip}`.split(' '));
  await eventually('6 relay ports in use', async () => (await portsUsed(ports)) === 6);
  const tcp = coturn.run('turnutils_uclient', ...`-T -L ${ip} -u u -w p -n 1000 -m 1 ${ip}`.split(' '));
  await eventually('8 relay ports in use', async () => (await portsUsed(ports)) === 8);

  expect(await values(relayPorts('127.0.0.1', '::1'))).toEqual({
    coturn_relay_ports_used: 0,
    coturn_relay_ports_limit: 200,
  });
  await coturn.end(tcp);
  await eventually('6 relay ports in use', async () => (await portsUsed(ports)) === 6);
  await coturn.end(udp);
});

test('when coturn has ended nothing is said of its process, and no ports are said to be in use', async () => {
  await coturn.end(coturn.process);
  expect(await values(processCollector(systemRoots, coturnPid))).toEqual({});
  expect(await values(relayPorts(ip))).toEqual({ coturn_relay_ports_limit: 100 });
});

test('without a pid there is no series, and no error', async () => {
  expect(await values(processCollector(systemRoots, () => undefined))).toEqual({});
});

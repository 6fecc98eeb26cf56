import type { Config } from '../../../src/config/schema';
import { Supervisor } from '../../../src/coturn/supervisor';
import {
  coturnLog,
  loopbackConfig,
  notingHooks,
  openSessions,
  serverOptions,
  temporaryDirectory,
  type Clients,
} from '../../support/coturn';
import { eventually } from '../../support/eventually';
import { listenForStats, type StatsListener } from '../../support/stats-listener';

jest.setTimeout(60_000);

const directory = temporaryDirectory();
let config: Config;
let stats: StatsListener;
let server: Supervisor;
let clients: Clients[];

beforeEach(async () => {
  clients = [];
  config = await loopbackConfig(directory.path);
  stats = await listenForStats(config.sources.statsdb.listenAddress.port);
  server = new Supervisor(serverOptions(config, { ...notingHooks(), openAllocations: () => [...stats.open] }));
  await server.start();
});

afterEach(async () => {
  await Promise.all(clients.map((each) => each.stop()));
  await server.stop();
  await stats.close();
});

afterAll(() => {
  directory.remove();
});

async function openAtLeast(count: number): Promise<Set<string>> {
  clients.push(openSessions(config, count));
  await eventually('the allocations are open', () => stats.open.size >= count);
  return new Set(stats.open);
}

test('stop() has coturn tell the totals of every session before it ends', async () => {
  const opened = await openAtLeast(20);
  await server.stop();
  expect(stats.open.size).toBe(0);
  for (const id of opened) expect(stats.settled).toContain(id);
  expect(coturnLog(config).match(/Forceful shutdown/g)?.length).toBeGreaterThanOrEqual(opened.size);
});

test('a requested restart does so too', async () => {
  const opened = await openAtLeast(4);
  await server.restart();
  for (const id of opened) expect(stats.settled).toContain(id);
  expect(server.state().kind).toBe('up');
});

test('endAllocations ends these and no others', async () => {
  const [first, second, ...others] = [...(await openAtLeast(6))];
  const ended = [first, second].filter((id) => id !== undefined);
  expect(await server.endAllocations(ended)).toEqual([]);
  for (const id of ended) expect(stats.settled).toContain(id);
  for (const id of others) expect(stats.settled).not.toContain(id);
});

test('more sessions than one read of the admin interface takes are all ended', async () => {
  const opened = await openAtLeast(150);
  await server.stop();
  expect(opened.size).toBeGreaterThanOrEqual(150);
  expect(stats.open.size).toBe(0);
});

test('sessions that come while the last are ended are not lost either: none is taken any more', async () => {
  const opened = await openAtLeast(20);
  const progress = { stopping: true };
  const stopped = server.stop().finally(() => {
    progress.stopping = false;
  });
  while (progress.stopping) {
    clients.push(openSessions(config, 5));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await stopped;
  expect(clients.length).toBeGreaterThan(5);
  expect(stats.open.size).toBe(0);
  for (const id of opened) expect(stats.settled).toContain(id);
});

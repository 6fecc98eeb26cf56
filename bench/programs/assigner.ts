/**
 * An agent's part of a fleet, without the agent: makes the nodes of simulated relays, knows them all, and assigns.
 * Arguments: ZooKeeper, and how many relays. It ends with its parent.
 */
import type { AddressInfo } from 'node:net';
import express from 'express';
import { pino } from 'pino';
import { registry as registrySchema } from '../../src/config/registry';
import { Assignments } from '../../src/fleet/assign/assignments';
import { inBatches } from '../../src/fleet/assign/in-batches';
import { joinFleet } from '../../src/fleet/fleet';
import { encodeRelayNode } from '../../src/fleet/relay-node';
import type { ZookeeperConnection } from '../../src/fleet/zookeeper-connection';
import { assignRouter } from '../../src/http/assign';
import { credentialsRouter } from '../../src/http/credentials';
import { createGuard } from '../../src/http/guard';
import { createRequestLimits } from '../../src/http/request-limits';
import { systemClock as clock } from '../../src/lib/clock';
import { eventually } from '../../test/support/eventually';
import { testIssuer } from '../../test/support/issuer';
import { measured, type Measured } from '../support/latencies';

const FOR_MS = 3000;
const CALLERS = 4;
const SECRET = '0123456789abcdef';
const PATH = '/turnservers';

const [zookeeper = '', count = '0'] = process.argv.slice(2);
const RELAYS = Number(count);
const logger = pino({ enabled: false });
const settings = registrySchema.parse({ zookeeper, server: 'observer' });
const fleet = joinFleet({
  settings,
  listen: { host: '127.0.0.1', port: 9642 },
  ownSecret: 'of the benchmark',
  version: '1.0.0',
  secrets: { issuesBy: SECRET, accepts: [] },
  figures: () => Promise.reject(new Error('it is no relay itself')),
  state: () => ({ ready: false, draining: false }),
  blocked: { entries: () => new Map(), take: () => new Set(), save: () => Promise.resolve() },
  clock,
  logger,
});

/** The same view, and no ZooKeeper to share reservations through. */
const alone = new Assignments({
  settings: settings.assign,
  sessionTimeout: 60,
  agent: 'observer',
  ownState: () => ({ ready: false, draining: false }),
  session: { connection: undefined, acl: () => [], onConnection: () => undefined },
  path: PATH,
  view: fleet.view,
  issuesBy: SECRET,
  random: Math.random,
  clock,
  logger,
});

function nodeOf(relay: number): Buffer {
  const load = (relay % 90) / 100;
  const region = `region-${relay % 10}`;
  return encodeRelayNode({
    freeTraffic: 1000 * (1 - load) + Math.random(),
    restAddr: `10.0.0.1:${relay + 1}`,
    region,
    isps: [],
    load,
    allocations: relay,
    uris: [`turn:10.0.0.1:${relay + 1}?transport=udp`],
    draining: false,
    ready: true,
    version: '1.0.0',
    updatedAt: new Date().toISOString(),
    roundTrips: { 'region-0': 10, 'region-1': 20, 'region-2': 30, 'region-3': 40 },
    reserved: { 'relay-1': 2, 'relay-2': 4 },
    secrets: [SECRET],
    agent: String(relay),
  });
}

const pathOf = (relay: number): string => `${PATH}/relay-${relay}`;
const all = Array.from({ length: RELAYS }, (_, relay) => relay);

async function start(): Promise<{ relays: number }> {
  for (const service of [fleet.session, fleet.assignments, alone]) await service.start();
  await eventually('ZooKeeper answers', () => fleet.session.connection !== undefined);
  const connection = present();
  await connection.create(PATH, Buffer.alloc(0), fleet.session.acl(), 'persistent');
  await inBatches(all, async (relay) => {
    await connection.create(pathOf(relay), nodeOf(relay), fleet.session.acl(), 'ephemeral');
  });
  await eventually('all are known', () => fleet.view.relays().length === RELAYS);
  return { relays: fleet.view.relays().length };
}

function present(): ZookeeperConnection {
  const { connection } = fleet.session;
  if (connection) return connection;
  throw new Error('ZooKeeper is away');
}

let tasks = 0;

async function assignBy({ assignments }: { readonly assignments: Assignments }): Promise<void> {
  const { kind } = await assignments.assign({ task: `task ${tasks++}`, region: `region-${tasks % 12}` });
  if (kind === 'none') throw new Error('no relay would do');
}

async function repeated(callers: number, work: () => Promise<void>): Promise<Measured> {
  const latencies: number[] = [];
  const end = performance.now() + FOR_MS;
  const caller = async (): Promise<void> => {
    while (performance.now() < end) {
      const began = performance.now();
      await work();
      latencies.push(performance.now() - began);
      // What ZooKeeper says is heard in between, as in an agent.
      await new Promise(setImmediate);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return measured(latencies, FOR_MS);
}

/** The routes as the agent has them. */
function listen(): Promise<number> {
  const guard = createGuard({ keys: [], boundAddress: () => '127.0.0.1', allowPlaintext: false });
  const limits = createRequestLimits({}, () => undefined);
  const audit = { record: () => undefined };
  const issuer = testIssuer('a secret of the benchmark');
  const never = (): Promise<never> => Promise.reject(new Error('not here'));
  const app = express();
  app.use(
    credentialsRouter({ issuer, audit, rotate: never, revoke: never }, guard, limits, (_request, _response, next) => {
      next();
    }),
  );
  app.use(assignRouter({ assignments: alone, issuer, audit }, guard, limits));
  return new Promise((resolve) => {
    const server = app.listen(0, '127.0.0.1', () => {
      resolve((server.address() as AddressInfo).port);
    });
  });
}

let written = 0;

const JOBS: Readonly<Record<string, () => Promise<object>>> = {
  start,
  choose: () => repeated(1, () => assignBy({ assignments: alone })),
  share: () => repeated(CALLERS, () => assignBy(fleet)),
  listen: async () => ({ port: await listen() }),
  write: () =>
    repeated(64, async () => {
      const relay = written++ % RELAYS;
      await present().write(pathOf(relay), nodeOf(relay), -1);
    }),
};

process.on('message', ({ do: job }: { readonly do: string }) => {
  void JOBS[job]?.().then((answer) => process.send?.(answer));
});
process.on('unhandledRejection', (error) => {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
});
process.on('disconnect', () => process.exit());

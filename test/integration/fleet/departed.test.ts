import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { AgentHome, type Agent } from '../../support/agent';
import { eventually } from '../../support/eventually';
import { total } from '../../support/exposition-text';
import { Postgres } from '../../support/postgres';
import { uclient, type Uclient } from '../../support/uclient';
import { ZookeeperServer } from '../../support/zookeeper';
import { Onlooker } from './onlooker';

const SETTLE_MS = 6_000;
const AWAY = 'the fleet does not see the open sessions of this agent now';
/** Longer than any of these tests. */
const ENDLESS = { messages: 1_000_000, everyMs: 5 };
const homes: AgentHome[] = [];
let zookeeper: ZookeeperServer;
let postgres: Postgres;
let onlooker: Onlooker;
/** Two that live, whatever happens to the others. */
let survivors: readonly { home: AgentHome; agent: Agent }[];

beforeAll(async () => {
  [zookeeper, postgres] = await Promise.all([ZookeeperServer.start(), Postgres.start()]);
  onlooker = await Onlooker.connect(zookeeper.address);
});

beforeEach(async () => {
  const pair = [await agentHome('one'), await agentHome('two')];
  survivors = await Promise.all(pair.map(async (home) => ({ home, agent: await home.start() })));
});

afterEach(async () => {
  for (const home of homes.splice(0)) await home.remove();
  await postgres.empty();
});

afterAll(async () => {
  await onlooker.close();
  await zookeeper.remove();
  await postgres.remove();
});

async function agentHome(server: string, address = zookeeper.address, coturn: object = {}): Promise<AgentHome> {
  const registry = { zookeeper: address, server, sessionTimeout: '2s', settleAfter: `${SETTLE_MS}ms` };
  const network = { devices: ['lo'], capacityMbps: 1000 };
  const home = await AgentHome.create(coturn, { registry, network, usage: { store: postgres.url } });
  homes.push(home);
  return home;
}

/** Clients that send without end; resolves when the fleet has seen some of what each carried. */
async function sessionsOn(home: AgentHome, users: readonly string[]): Promise<readonly Uclient[]> {
  const clients = await Promise.all(users.map((user) => uclient(home, user, ENDLESS)));
  const open = `SELECT user_id FROM turnkeeper_open WHERE peer_sent_bytes > 0 AND user_id IN (${quoted(users)})`;
  const areSeen = async (): Promise<boolean> => (await postgres.query(open)).length === users.length;
  await eventually('their sessions are seen by the fleet', areSeen, 60_000);
  return clients;
}

interface Row {
  readonly user: string;
  readonly settled: string;
  readonly settled_by: string | null;
  readonly end_reason: string;
  readonly bytes: number;
}

async function recordsOf(users: readonly string[]): Promise<readonly Row[]> {
  const rows = await postgres.query(`SELECT user_id AS user, settled, settled_by, end_reason,
    peer_sent_bytes::float8 AS bytes FROM turnkeeper_usage WHERE user_id IN (${quoted(users)}) ORDER BY user_id, place`);
  return rows as unknown as Row[];
}

const quoted = (users: readonly string[]): string => users.map((user) => `'${user}'`).join();

/** Resolves when each has its record; gives them. */
async function settled(users: readonly string[]): Promise<readonly Row[]> {
  await eventually('they are settled', async () => (await recordsOf(users)).length >= users.length, 60_000);
  return recordsOf(users);
}

function killCoturn(home: AgentHome): void {
  process.kill(home.coturnPid(), 'SIGKILL');
}

async function settledForOthers(): Promise<number> {
  const pages = await Promise.all(survivors.map(({ home }) => home.page()));
  return pages.reduce((sum, page) => sum + total(page, 'turnkeeper_usage_settled_for_others_total'), 0);
}

test('sessions of a server that died with its agent are settled once by the others, and give way to its own records when it returns', async () => {
  const users = ['alice', 'bob', 'carol'];
  const home = await agentHome('mortal');
  const mortal = await home.start();
  await sessionsOn(home, users);
  await mortal.kill('SIGKILL');
  killCoturn(home);
  const killed = performance.now();
  const records = await settled(users);
  expect(performance.now() - killed).toBeGreaterThan(SETTLE_MS);
  const estimate = { settled: 'estimated', end_reason: 'lost', settled_by: expect.any(String) as string };
  expect(records).toMatchObject(users.map((user) => ({ user, ...estimate })));
  expect(records.every(({ bytes }) => bytes > 0)).toBe(true);
  await eventually('it is counted', async () => (await settledForOthers()) === users.length);
  await home.start();
  const isOwn = async (): Promise<boolean> => (await recordsOf(users)).every((record) => record.settled_by === null);
  await eventually('its own records take their places', isOwn, 60_000);
  const own = await recordsOf(users);
  expect(own.map(({ user }) => user)).toEqual(users);
  for (const [at, { bytes }] of own.entries()) expect(bytes).toBeGreaterThanOrEqual(records[at]?.bytes ?? 0);
  expect(await settledForOthers()).toBe(users.length);
});

test('a session that goes on in coturn after its agent was given up has one record in the end: the exact one', async () => {
  const home = await agentHome('sleeper');
  const sleeper = await home.start();
  const [client] = await sessionsOn(home, ['dora']);
  await sleeper.kill('SIGKILL');
  const [estimate] = await settled(['dora']);
  expect(estimate).toMatchObject({ settled: 'estimated', end_reason: 'lost' });
  await home.start();
  await eventually('it is ready', async () => (await home.get('/-/ready')).status === 200);
  await client?.stop();
  const isOwn = async (): Promise<boolean> => (await recordsOf(['dora']))[0]?.settled_by === null;
  // The client's allocations expire.
  await eventually('its own record takes the place', isOwn, 60_000);
  const records = await recordsOf(['dora']);
  expect(records).toHaveLength(1);
  expect(['exact', 'recovered']).toContain(records[0]?.settled);
  expect(records[0]?.bytes).toBeGreaterThan(estimate?.bytes ?? Infinity);
});

test('an agent that has lost ZooKeeper and lives keeps its sessions; they are settled when it is dead', async () => {
  const way = await Way.to(zookeeper.port);
  try {
    // Its allocations shall outlast the test.
    const home = await agentHome('cut-off', way.address, { extra: { 'relay-threads': 2 } });
    const agent = await home.start();
    await sessionsOn(home, ['erin']);
    way.close();
    await eventually('its node is gone', async () => !(await onlooker.has('/turnservers/cut-off')), 30_000);
    const gone = performance.now();
    await eventually('it is long gone', () => performance.now() - gone > 2.5 * SETTLE_MS, 30_000);
    expect(await recordsOf(['erin'])).toEqual([]);
    await agent.kill('SIGKILL');
    killCoturn(home);
    expect(await settled(['erin'])).toMatchObject([{ settled: 'estimated' }]);
  } finally {
    way.close();
  }
});

test('while PostgreSQL is stopped nobody is given up: that takes its time once it is back', async () => {
  const home = await agentHome('mortal');
  const mortal = await home.start();
  await sessionsOn(home, ['frank']);
  await mortal.kill('SIGKILL');
  killCoturn(home);
  await postgres.stop();
  await eventually('both have noticed', () => survivors.every(({ agent }) => agent.output.includes(AWAY)), 30_000);
  await postgres.startAgain();
  const back = performance.now();
  expect(await settled(['frank'])).toMatchObject([{ settled: 'estimated' }]);
  expect(performance.now() - back).toBeGreaterThan(SETTLE_MS - 2500);
  expect(await settledForOthers()).toBe(1);
});

test('an agent that stops leaves nothing for others to settle', async () => {
  const home = await agentHome('tidy');
  const tidy = await home.start();
  await sessionsOn(home, ['grace']);
  await tidy.kill('SIGTERM');
  expect(await recordsOf(['grace'])).toMatchObject([{ settled: 'exact', end_reason: 'forced', settled_by: null }]);
  expect(await postgres.query(`SELECT agent FROM turnkeeper_agent WHERE server = 'tidy'`)).toEqual([]);
});

/** A way to a port of this machine, that can be closed. */
class Way {
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly address: string,
  ) {}

  static async to(port: number): Promise<Way> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port: own } = server.address() as { port: number };
    const way = new Way(server, `127.0.0.1:${own}`);
    server.on('connection', (socket) => {
      const other = connect(port, '127.0.0.1');
      for (const each of [socket, other]) {
        way.sockets.add(each.on('error', () => undefined));
        each.on('close', () => (each === socket ? other.destroy() : socket.destroy()));
      }
      socket.pipe(other).pipe(socket);
    });
    return way;
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }
}

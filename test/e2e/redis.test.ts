import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { AgentHome, type Agent } from '../support/agent';
import { loggedUsage } from '../support/coturn-usage';
import { eventually } from '../support/eventually';
import { total, type Page } from '../support/exposition-text';
import { freePorts, relayRange } from '../support/free-ports';
import { RedisServer } from '../support/redis-server';
import { uclient } from '../support/uclient';
import { relayedCall } from '../support/webrtc-call';

const SECRET = 'a-secret-that-coturn-knows';
type UsageRecord = Readonly<Record<string, string | number | boolean | null>>;

let redis: RedisServer;
let tee: Tee;
let coturn: ChildProcess;
/** One hears coturn through Redis, the other what the same connections say, as its statsdb endpoint. */
let throughRedis: AgentHome;
let direct: AgentHome;
let agent: Agent;

beforeAll(async () => {
  redis = await RedisServer.start();
  const [statsdb = 0] = await freePorts(1);
  const others = { credentials: { secret: SECRET } };
  const outsider = { supervise: false };
  throughRedis = await AgentHome.create(outsider, { ...others, sources: { redis: { url: redis.url } } });
  const endpoint = { listenAddress: `127.0.0.1:${statsdb}`, password: redis.password };
  const { turn: listeningPort } = throughRedis.ports;
  direct = await AgentHome.create({ ...outsider, listeningPort }, { ...others, sources: { statsdb: endpoint } });
  agent = await throughRedis.start();
  await direct.start();
  await redis.awaitSubscriber();
  tee = await Tee.open(redis.port, statsdb);
  coturn = await startCoturn();
});

afterAll(async () => {
  await direct.remove();
  await throughRedis.remove();
  await tee.close();
  const gone = once(coturn, 'exit');
  if (coturn.kill('SIGKILL')) await gone;
  await redis.remove();
});

/** A coturn that nobody supervises; it writes to Redis as far as it knows. */
async function startCoturn(): Promise<ChildProcess> {
  const { turn, tls, cli } = throughRedis.ports;
  const { minPort, maxPort } = relayRange(500);
  const flags = [
    ...['-n', '-L', '127.0.0.1', '-E', '127.0.0.1', '-p', turn, '--tls-listening-port', tls, '--cli-port', cli],
    ...['--min-port', minPort, '--max-port', maxPort, '--realm', 'test.example', '--cli-password', 'x'],
    ...['--use-auth-secret', '--static-auth-secret', SECRET, '--allow-loopback-peers', '--no-tls', '--no-dtls'],
    ...['--redis-statsdb', `ip=127.0.0.1 port=${tee.port} password=${redis.password} connect_timeout=5`],
    ...['--log-file', `${throughRedis.dataDir}/turnserver.log`, '--simple-log', '--no-stdout-log', '-v'],
    ...['--pidfile', `${throughRedis.path}/coturn.pid`, '--userdb', `${throughRedis.path}/userdb`, '-m', 2],
    ...['--max-allocate-lifetime', 15],
  ];
  const child = spawn('turnserver', flags.map(String), { stdio: 'ignore' });
  await eventually('coturn answers', async () => (await throughRedis.get('/-/ready')).status === 200);
  await eventually('coturn is connected', () => tee.connections > 2);
  return child;
}

/** Leads connections to Redis, and says to another server what is said to Redis. */
class Tee {
  connections = 0;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async open(main: number, copy: number): Promise<Tee> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const tee = new Tee(server, (server.address() as { port: number }).port);
    server.on('connection', (socket) => {
      tee.connections++;
      const [first, second] = [main, copy].map((port) => connect({ host: '127.0.0.1', port })) as [Socket, Socket];
      for (const one of [socket, first, second]) {
        tee.sockets.add(one);
        one.on('error', () => undefined);
      }
      socket.pipe(first).pipe(socket);
      socket.pipe(second).resume();
    });
    return tee;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }
}

async function recordsOf(home: AgentHome, user: string): Promise<UsageRecord[]> {
  const { text } = await home.get(`/v1/usage?user=${user}`);
  return (JSON.parse(text) as { records: UsageRecord[] }).records;
}

/** The user's one record, when both agents have it. */
async function recordsOfBoth(user: string): Promise<[UsageRecord, UsageRecord]> {
  const homes = [throughRedis, direct];
  await eventually(
    `both have the record of ${user}`,
    async () => (await Promise.all(homes.map((home) => recordsOf(home, user)))).every((list) => list.length > 0),
    60_000,
  );
  const [ours = [], theirs = []] = await Promise.all(homes.map((home) => recordsOf(home, user)));
  expect([ours.length, theirs.length]).toEqual([1, 1]);
  return [ours[0] ?? {}, theirs[0] ?? {}];
}

/** Without what two agents can't have alike: ids, names of servers, and times, which each takes when it hears. */
function comparable(record: UsageRecord): UsageRecord {
  const own = new Set(['id', 'server', 'startedAt', 'endedAt', 'durationSeconds']);
  return Object.fromEntries(Object.entries(record).filter(([key]) => !own.has(key)));
}

const NAMES = ['client', 'peer'].flatMap((leg) =>
  ['received', 'sent'].flatMap((way) => [
    `coturn_relay_${leg}_${way}_bytes_total`,
    `coturn_relay_${leg}_${way}_packets_total`,
  ]),
);
const traffic = (page: Page): number[] => NAMES.map((name) => total(page, name));

test('a libwebrtc call and a uclient run, heard through Redis, are those of the statsdb endpoint, byte for byte', async () => {
  const { iceServers } = await throughRedis.credential('alice');
  expect(
    await relayedCall(
      iceServers.map((server) => ({ ...server, urls: server.urls.slice(0, 1) })),
      2_000_000,
    ),
  ).toBe(2_000_000);
  expect(await (await uclient(throughRedis, 'bob', { transport: 'tcp', messages: 100 })).done).toBe(0);
  for (const user of ['alice', 'bob']) {
    const [ours, theirs] = await recordsOfBoth(user);
    expect(comparable(ours)).toEqual(comparable(theirs));
    expect(ours).toMatchObject({ settled: 'exact', relayed: true, realm: 'test.example' });
    const logged = loggedUsage(throughRedis.coturnLog(), user);
    expect([ours['clientReceivedBytes'], ours['peerReceivedBytes'], ours['peerSentPackets']]).toEqual([
      ...[logged.client.receivedBytes, logged.peer.receivedBytes, logged.peer.sentPackets],
    ]);
  }
  const [ours, theirs] = [await throughRedis.page(), await direct.page()];
  expect(traffic(ours)).toEqual(traffic(theirs));
  expect(total(ours, 'coturn_relay_peer_received_bytes_total')).toBeGreaterThan(2_000_000);
  expect(total(ours, 'coturn_redis_up')).toBe(1);
  expect(total(ours, 'coturn_redis_publishers')).toBeGreaterThan(0);
  expect(total(ours, 'turnkeeper_events_total', { source: 'redis', kind: 'total' })).toBeGreaterThan(0);
});

test('a session that goes on while no agent hears Redis has one record, filled from its totals', async () => {
  const carol = await uclient(throughRedis, 'carol', { transport: 'tcp', messages: 1200 });
  await eventually('it is under way', async () => total(await throughRedis.page(), 'coturn_allocations') > 0);
  await eventually('it is kept', async () => (await throughRedis.get('/v1/sessions')).text.includes('"id"'));
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await agent.kill('SIGKILL');
  await new Promise((resolve) => setTimeout(resolve, 1500));
  agent = await throughRedis.start();
  expect(await carol.done).toBe(0);
  const [ours, theirs] = await recordsOfBoth('carol');
  expect({ ...comparable(ours), settled: 'exact' }).toEqual(comparable(theirs));
  expect(ours['settled']).not.toBe('estimated');
  expect(total(await throughRedis.page(), 'coturn_redis_gaps_total')).toBe(1);
});

test('the same data directory goes on with a coturn of its own, and back, and keeps its records', async () => {
  await agent.kill('SIGTERM');
  coturn.kill('SIGKILL');
  const endpoint = { listenAddress: `127.0.0.1:${throughRedis.ports.statsdb}` };
  throughRedis.configure({ supervise: true }, { sources: { statsdb: endpoint } });
  agent = await throughRedis.start();
  await eventually('coturn answers', async () => (await throughRedis.get('/-/ready')).status === 200);
  expect(await recordsOf(throughRedis, 'alice')).toHaveLength(1);
  await agent.kill('SIGTERM');
  throughRedis.configure({ supervise: false }, { sources: { redis: { url: redis.url } } });
  agent = await throughRedis.start();
  await eventually('Redis is heard', async () => total(await throughRedis.page(), 'coturn_redis_up') === 1);
  expect(await recordsOf(throughRedis, 'alice')).toHaveLength(1);
});

import { createServer, connect, type Server, type Socket } from 'node:net';
import fc from 'fast-check';
import { configSchema } from '../../../src/config/schema';
import { statusKey } from '../../../src/coturn/stats-channel';
import { systemClock, type Clock } from '../../../src/lib/clock';
import { createLogger } from '../../../src/lib/logger';
import { RedisSource } from '../../../src/sources/redis/redis-source';
import type { RedisWitness } from '../../../src/sources/redis/gaps';
import type { ClosedAllocation, ClosedSession } from '../../../src/turn/fact';
import { Relay } from '../../../src/turn/relay';
import { CAPTURES, readCapture } from '../../support/captures';
import { eventually } from '../../support/eventually';
import { freePorts } from '../../support/free-ports';
import { makeAuthority, makeCertificate, temporaryFolder } from '../http/certificates';
import { RedisServer } from '../../support/redis-server';
import { legRow, StatsHarness } from '../../support/stats-harness';

type Command = readonly string[];

const LOOPBACK = '127.0.0.1:3478';
const ELSEWHERE = '192.0.2.77:3478';
const padded = (id: number): string => String(id).padStart(18, '0');
const keyOf = (user: string, id = 1): string => statusKey({ realm: 'r', username: user }, padded(id));
const channel = (user: string, kind: string, id = 1): string => keyOf(user, id).replace(/status$/, kind);
const statusText = (word: string, local: string, remote: string): string =>
  `${word} lifetime=600, type=UDP, local=${local}, remote=${remote}, ssl=NONE, cipher=NONE`;
const countsText = (packets: number, bytes: number): string =>
  `rcvp=${packets}, rcvb=${bytes}, sentp=${packets}, sentb=${bytes}`;

/** What coturn sends of an allocation's beginning, traffic and end. */
const begin = (user: string, id = 1, local = LOOPBACK, remote = `192.0.2.1:${1000 + id}`): Command[] => [
  ['set', keyOf(user, id), statusText('new', local, remote)],
  ['publish', keyOf(user, id), statusText('new', local, remote)],
];
const traffic = (user: string, bytes: number, id = 1): Command[] => [
  ['publish', channel(user, 'traffic', id), countsText(1, bytes)],
  ['publish', channel(user, 'traffic/peer', id), countsText(1, bytes)],
];
const end = (user: string, total: number, id = 1): Command[] => [
  ['del', keyOf(user, id), ''],
  ['publish', keyOf(user, id), 'deleted'],
  ['publish', channel(user, 'total_traffic', id), countsText(9, total)],
  ['publish', channel(user, 'total_traffic/peer', id), countsText(9, total)],
];

let redis: RedisServer;
let relay: Relay;
let source: RedisSource | undefined;
let closed: ClosedAllocation[];
let sessions: ClosedSession[];
const ends: (() => void | Promise<void>)[] = [];

beforeEach(async () => {
  redis = await RedisServer.start();
  ends.push(() => redis.remove());
});

afterEach(async () => {
  await source?.stop();
  source = undefined;
  for (const finish of ends.splice(0)) await finish();
});

/** What waits for seconds waits a fiftieth of them. */
const quick: Clock = {
  ...systemClock,
  sleep: (ms, signal) => systemClock.sleep(ms / 50, signal),
  every: (ms, ...rest) => {
    systemClock.every(ms / 50, ...rest);
  },
};

interface Options {
  readonly url?: string;
  readonly config?: object;
  readonly witness?: RedisWitness;
}

/** A source on this Redis, with a relay of its own. */
function makeSource({ url = redis.url, config = {}, witness }: Options = {}): RedisSource {
  closed = [];
  sessions = [];
  relay = new Relay(
    { lingerMs: 200, separator: ':', maxAllocations: 10_000, realms: [] },
    {
      allocationClosed: (allocation) => closed.push(allocation),
      sessionClosed: (session) => sessions.push(session),
    },
  );
  const parsed = configSchema.parse({ coturn: { supervise: false }, sources: { redis: { url, ...config } } });
  if (!parsed.sources.redis) throw new Error('no configuration');
  const logger = createLogger('error', 'logfmt');
  source = new RedisSource({ config: parsed.sources.redis, relay, ownName: 'here', witness, clock: quick, logger });
  return source;
}

/** One that is heard, and has looked at the keys. */
async function listen(options: Options = {}): Promise<RedisSource> {
  const made = makeSource(options);
  await made.start();
  await heard(made);
  return made;
}

/** Redis before 7 doesn't say whether it loaded keys at its start: until it is a few seconds old their ages say nothing. */
async function agesAreSure(server = redis): Promise<void> {
  const isSure = async (): Promise<boolean> => {
    const info = await server.cli.info();
    return info.includes('rdb_last_load_keys_loaded') || Number(/uptime_in_seconds:(\d+)/.exec(info)?.[1]) > 7;
  };
  await eventually('the ages of keys are sure', isSure);
}

const heard = async (made: RedisSource): Promise<void> => {
  await eventually('Redis is heard', () => made.problem === undefined);
  await eventually('the keys were looked at', () => made.gaps.witness().runId !== undefined);
};

const taken = (made: RedisSource): number => Object.values(made.counters.events).reduce((a, b) => a + b, 0);
const bytesOf = ({ client, peer }: ClosedAllocation): number[] => [client.receivedBytes, peer.receivedBytes];

test.each(CAPTURES)(
  'what %s sent comes out of Redis as it does of the statsdb endpoint, byte for byte',
  async (name) => {
    const made = await listen();
    const steps = readCapture(name).flatMap(({ cmd }) =>
      cmd && /^(set|del|publish)$/.test(cmd[0] ?? '') ? [cmd] : [],
    );
    const published = steps.filter(([word, where]) => word === 'publish' && where !== '__XXX__');
    const harness = new StatsHarness();
    const line = harness.line();
    for (const [, where = '', text = ''] of published) line.publish(where, text);
    await redis.pipeline(steps);
    const { unknown_allocation: strangers } = made.counters.rejected;
    await eventually(
      'all was heard',
      () => taken(made) + made.counters.rejected.unknown_allocation === published.length,
    );
    expect(strangers).toBeGreaterThanOrEqual(0);
    const facts = (list: readonly ClosedAllocation[]): unknown[] =>
      list.map(({ id, username, realm, transport, client, peer, settled }) => [
        ...[id, username, realm, transport, settled],
        ...legRow(client),
        ...legRow(peer),
      ]);
    expect(facts(closed)).toEqual(facts(harness.allocations()));
    expect(closed.length).toBeGreaterThan(name.endsWith('denied') ? 0 : 3);
    expect(relay.openAllocations).toBe(harness.relay.openAllocations);
  },
);

describe('after a gap', () => {
  /** Breaks the subscription, lets things happen unheard, and waits until Redis is heard again. */
  async function gap(made: RedisSource, unheard: readonly Command[]): Promise<void> {
    await eventually('the keys are known to be there', () => made.gaps.witness().isDatabaseSure);
    // In one transaction nobody comes between the end of the subscription and what is not to be heard.
    const killed = redis.cli.multi().call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    for (const [word = '', ...words] of unheard) killed.call(word, ...words);
    await killed.exec();
    await eventually('the gap was counted', () => made.gaps.count === 1);
    await heard(made);
  }

  test('an allocation that ended in it is estimated, and one that goes on is exact at its end', async () => {
    const made = await listen();
    await redis.pipeline([...begin('alice', 1), ...traffic('alice', 100, 1), ...begin('bob', 2)]);
    await redis.pipeline(traffic('bob', 100, 2));
    await eventually('both are open', () => relay.openAllocations === 2 && taken(made) === 6);
    const before = systemClock.monotonic();
    await gap(made, [...end('alice', 900, 1), ...traffic('bob', 700, 2)]);
    await eventually('the one is over', () => closed.length === 1);
    expect(closed[0]).toMatchObject({ username: 'alice', reason: 'lost', settled: 'estimated' });
    expect(bytesOf(closed[0] as ClosedAllocation)).toEqual([100, 100]);
    expect(Math.abs((closed[0]?.endedAt ?? 0) - before)).toBeLessThan(1000);
    expect(made.gaps).toMatchObject({ count: 1, ended: 1, problem: undefined });
    expect(made.gaps.seconds).toBeGreaterThan(0);
    await redis.pipeline(end('bob', 800, 2));
    await eventually('the other is over', () => closed.length === 2);
    expect(closed[1]).toMatchObject({ username: 'bob', settled: 'exact' });
    expect(bytesOf(closed[1] as ClosedAllocation)).toEqual([800, 800]);
  });

  test('one that began in it is found by its key, and its totals are all of it', async () => {
    await agesAreSure();
    const made = await listen();
    await redis.pipeline(begin('alice'));
    await eventually('one is open', () => relay.openAllocations === 1);
    await gap(made, [...begin('bob', 2), ...traffic('bob', 100, 2)]);
    await eventually('it was found', () => relay.openAllocations === 2);
    expect(made.gaps.found).toBe(1);
    await redis.pipeline(end('bob', 300, 2));
    await eventually('it is over', () => closed.length === 1);
    expect(bytesOf(closed[0] as ClosedAllocation)).toEqual([300, 300]);
  });

  test('a Redis that has lost its keys ends nothing', async () => {
    const made = await listen();
    await redis.pipeline([...begin('alice'), ...traffic('alice', 100)]);
    await eventually('it is open', () => relay.openAllocations === 1);
    await eventually('the keys are known to be there', () => made.gaps.witness().isDatabaseSure);
    const { runId } = made.gaps.witness();
    await redis.kill();
    await eventually('it is not heard', () => made.problem !== undefined);
    await redis.startAgain();
    await eventually('the new one was looked at', () => made.gaps.witness().runId !== runId);
    expect([relay.openAllocations, made.gaps.ended, made.gaps.count]).toEqual([1, 0, 1]);
    await redis.pipeline(end('alice', 500));
    await eventually('it is over', () => closed.length === 1);
    expect(closed[0]).toMatchObject({ settled: 'exact' });
    expect(bytesOf(closed[0] as ClosedAllocation)).toEqual([500, 500]);
  });

  /** As a Redis that is full: it publishes, and keeps nothing. */
  async function withoutRoom(commands: readonly Command[]): Promise<void> {
    await redis.cli.config('SET', 'maxmemory', '1mb');
    await redis.pipeline(commands);
    await redis.cli.config('SET', 'maxmemory', '0');
  }

  test.each([
    ['was started again', () => redis.pipeline(begin('alice')).then(() => redis.kill()), () => redis.startAgain()],
    ['was flushed', () => redis.pipeline(begin('alice')), () => redis.cli.flushall()],
    ['was full', () => withoutRoom(begin('alice')), () => Promise.resolve()],
  ])(
    'of a Redis that %s a missing key proves nothing of what began before, at no later gap',
    async (_, first, then) => {
      const made = await listen();
      await redis.pipeline(begin('bob', 2));
      await eventually('the keys are known to be there', () => made.gaps.witness().isDatabaseSure);
      const { runId } = made.gaps.witness();
      await first();
      await eventually('both are open', () => relay.openAllocations === 2);
      await then();
      await redis.cli.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
      await eventually('it was looked at', () => made.gaps.witness().runId !== runId);
      await heard(made);
      await redis.pipeline(begin('carol', 3));
      await eventually('a third is open', () => relay.openAllocations === 3);
      const killed = redis.cli.multi().call('CLIENT', 'KILL', 'TYPE', 'pubsub');
      await killed.call('DEL', keyOf('carol', 3)).exec();
      await eventually('it was looked at again', () => made.gaps.ended > 0);
      expect(closed.map(({ username }) => username)).toEqual(['carol']);
      await redis.pipeline(end('alice', 500));
      await eventually('it is over', () => closed.length === 2);
      expect(closed[1]).toMatchObject({ username: 'alice', settled: 'exact' });
    },
  );

  test('a subscriber that Redis cuts off for its output buffer sees the gap', async () => {
    const made = await listen();
    await redis.pipeline(begin('alice'));
    await eventually('it is open', () => relay.openAllocations === 1);
    await redis.cli.config('SET', 'client-output-buffer-limit', 'pubsub 8kb 4kb 1');
    await redis.pipeline(Array.from({ length: 2000 }, () => traffic('alice', 10)).flat());
    await eventually('the gap was counted', () => made.gaps.count > 0);
    await redis.cli.config('SET', 'client-output-buffer-limit', 'pubsub 32mb 8mb 60');
    await heard(made);
    await redis.pipeline(end('alice', 20_000));
    await eventually('it is over', () => closed.length === 1);
    expect(bytesOf(closed[0] as ClosedAllocation)).toEqual([20_000, 20_000]);
  });

  test('another run of the agent knows the servers again, and counts the time between as a gap', async () => {
    await agesAreSure();
    const made = await listen();
    await redis.pipeline(begin('alice'));
    await eventually('it is open', () => relay.openAllocations === 1);
    await eventually('the keys are known to be there', () => made.gaps.witness().isDatabaseSure);
    await made.stop();
    const witness = made.witness();
    const kept = { origins: relay.rows.origins(), sessions: [], allocations: [] };
    expect(kept.origins).toEqual([expect.objectContaining({ server: 'here', key: 'redis:127.0.0.1#0' })]);
    const next = makeSource({ witness });
    relay.rows.restore(kept, systemClock.monotonic());
    await next.start();
    await heard(next);
    expect(next.gaps.count).toBe(1);
    await redis.pipeline(begin('bob', 2));
    await eventually('it hears, and has found the other', () => relay.openAllocations === 2);
    expect(relay.rows.origins()).toHaveLength(1);
  });
});

test('keys that coturn left behind are told from live ones by their age', async () => {
  await agesAreSure();
  await redis.pipeline([...begin('dead', 1), ...begin('old', 2), ...begin('live', 3)]);
  await age(keyOf('dead', 1), 3_800);
  await age(keyOf('old', 2), 700);
  await age(keyOf('live', 3), 300);
  const made = await listen();
  expect([relay.openAllocations, made.gaps.found, made.gaps.staleKeys, made.gaps.count]).toEqual([1, 1, 1, 0]);
  const [slot = -1] = relay.view.allocations();
  expect(relay.view.principalOf(slot).username).toBe('live');
  expect(relay.view.allocation(slot, systemClock.monotonic())).toMatchObject({ remote: '192.0.2.1:1003' });
});

test('keys that a replica was given together are as old as that, and prove nothing', async () => {
  await redis.pipeline(begin('dead', 1));
  const replica = await RedisServer.start([`masterauth ${redis.password}`]);
  ends.push(() => replica.remove());
  const isOld = async (): Promise<boolean> =>
    Number(/uptime_in_seconds:(\d+)/.exec(await replica.cli.info('server'))?.[1]) > 7;
  await eventually('its keys are not as old as itself', isOld);
  await replica.cli.call('REPLICAOF', '127.0.0.1', String(redis.port));
  await eventually('it has the keys', async () => (await replica.cli.exists(keyOf('dead', 1))) === 1);
  const given = performance.now();
  await replica.cli.call('REPLICAOF', 'NO', 'ONE');
  await eventually('they are some seconds old', () => performance.now() - given > 6_500);
  await replica.pipeline(begin('live', 2));
  const made = await listen({ url: replica.url });
  expect([relay.openAllocations, made.gaps.found]).toEqual([1, 1]);
  const [slot = -1] = relay.view.allocations();
  expect(relay.view.principalOf(slot).username).toBe('live');
});

/** Makes a key look as if nobody had written it for so long. */
async function age(key: string, seconds: number): Promise<void> {
  const dump = await redis.cli.dumpBuffer(key);
  await redis.cli.call('RESTORE', key, '0', dump, 'REPLACE', 'IDLETIME', String(seconds));
}

test('a database that holds no status keys is said, and proves nothing', async () => {
  const made = await listen({ url: `${redis.url}/3` });
  await redis.pipeline(begin('alice'));
  await eventually('it is said', () => /holds? no|does not hold/.test(made.gaps.problem ?? ''));
  await redis.cli.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
  await eventually('the gap was counted', () => made.gaps.count === 1);
  await heard(made);
  expect([relay.openAllocations, made.gaps.ended]).toEqual([1, 0]);
});

describe('several coturns on one Redis', () => {
  test('allocations that share an id and differ in user or address are kept apart', async () => {
    const made = await listen();
    await redis.pipeline([...begin('alice', 1), ...begin('bob', 1, ELSEWHERE), ...begin('carol', 1)]);
    for (const user of ['alice', 'bob', 'carol']) await redis.pipeline(traffic(user, user.length));
    for (const user of ['alice', 'bob', 'carol']) await redis.pipeline(end(user, 1000 + user.length));
    await eventually('all are over', () => closed.length === 3);
    expect(closed.map(({ server, username, client }) => [server, username, client.receivedBytes])).toEqual([
      ['here', 'alice', 1005],
      ['192.0.2.77', 'bob', 1003],
      ['here', 'carol', 1005],
    ]);
    expect(made.counters.rejected.ambiguous).toBe(0);
  });

  test('one user with the same id on two servers: totals that could be of either are left out, bytes stay right', async () => {
    const made = await listen();
    await redis.pipeline([...begin('alice', 1), ...begin('alice', 1, ELSEWHERE)]);
    await redis.pipeline([...traffic('alice', 10), ...traffic('alice', 20)]);
    await redis.pipeline([...end('alice', 10), ...end('alice', 20)]);
    await eventually('both are over', () => closed.length === 2);
    expect(made.counters.rejected.ambiguous).toBe(4);
    expect(closed.map(({ settled }) => settled)).toEqual(['estimated', 'estimated']);
    expect(closed.flatMap(({ client }) => client.receivedBytes).reduce((a, b) => a + b)).toBe(30);
  });

  test('only the named ones are measured', async () => {
    const made = await listen({ config: { servers: ['192.0.2.77'] } });
    await redis.pipeline([...begin('alice', 1), ...begin('bob', 2, ELSEWHERE), ...traffic('alice', 10, 1)]);
    await redis.pipeline(traffic('bob', 10, 2));
    await eventually('all was heard', () => taken(made) === 3);
    expect([relay.openAllocations, made.counters.rejected.other_server]).toEqual([1, 3]);
  });

  test('an id that coturn gives again after its restart ends the allocation that had it', async () => {
    await listen();
    await redis.pipeline([...begin('alice', 1), ...traffic('alice', 100)]);
    await redis.pipeline(begin('alice', 1, LOOPBACK, '192.0.2.9:9'));
    await eventually('the first is over', () => closed.length === 1);
    expect(closed[0]).toMatchObject({ reason: 'superseded', settled: 'estimated' });
    expect(relay.openAllocations).toBe(1);
  });
});

test('coturn of this machine gone: what it had open is estimated, what others have open goes on', async () => {
  const made = await listen();
  await redis.pipeline([...begin('alice', 1), ...begin('bob', 2, ELSEWHERE)]);
  await eventually('both are open', () => relay.openAllocations === 2);
  const aliveAt = systemClock.monotonic();
  await redis.pipeline(begin('carol', 3));
  await eventually('one that began later', () => relay.openAllocations === 3);
  await made.coturnEnded(aliveAt);
  expect(closed.map(({ username, settled }) => [username, settled])).toEqual([['alice', 'estimated']]);
});

test('what is not of coturn is counted and dropped, whatever it is', async () => {
  const made = await listen();
  await redis.pipeline(begin('alice'));
  await eventually('one is open', () => relay.openAllocations === 1);
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom('status', 'traffic', 'total_traffic/peer', padded(1), 'user', 'realm'),
  );
  const topic = fc.array(word, { maxLength: 7 }).map((words) => ['turn', ...words].join('/'));
  const text = fc.oneof(
    fc.string(),
    fc.constantFrom('rcvp=1', 'deleted!', 'new lifetime=', 'rcvp=-1, rcvb=1, sentp=1, sentb=1'),
  );
  const hostile = fc.sample(fc.tuple(topic, text), 2000).filter(([where]) => !/\/status$/.test(where));
  await redis.pipeline([
    ...hostile.map(([where, what]) => ['publish', where, what]),
    ['publish', keyOf('alice'), 'reborn'],
    ['publish', channel('alice', 'traffic'), 'x'.repeat(1_000_000)],
    ['publish', `turn/${'y'.repeat(200_000)}`, 'z'.repeat(200_000)],
    ...end('alice', 77),
  ]);
  await eventually('the allocation is over', () => closed.length === 1);
  expect(bytesOf(closed[0] as ClosedAllocation)).toEqual([77, 77]);
  const { unknown_channel: strange, malformed, oversized } = made.counters.rejected;
  expect(oversized).toBe(2);
  expect(malformed).toBeGreaterThan(0);
  expect(strange).toBeGreaterThan(0);
  expect([relay.openAllocations, made.gaps.count]).toEqual([0, 0]);
});

test('a Redis that hangs is given up, and heard again when it is well', async () => {
  const made = await listen();
  process.kill(redis.pid, 'SIGSTOP');
  await eventually('it is given up', () => /does not answer/.test(made.problem ?? ''));
  process.kill(redis.pid, 'SIGCONT');
  await eventually('it is heard again', () => made.problem === undefined);
  expect(made.gaps.count).toBe(1);
});

test.each([
  ['a wrong password', () => redis.url.replace('password', 'passw0rd'), /WRONGPASS/],
  ['no password', () => redis.url.replace(/:[^:]*@/, ''), /NOAUTH/],
  ['nothing listening', () => 'redis://127.0.0.1:1', /ECONNREFUSED/],
])('%s is said, and tried again', async (_, url, sentence) => {
  const made = makeSource({ url: url() });
  await made.start();
  await eventually('it is said', () => sentence.test(made.problem ?? ''));
  expect(made.problem).not.toContain(redis.password);
});

test('what is no Redis is said', async () => {
  const server = createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n\r\n'));
  const port = await listening(server);
  const made = makeSource({ url: `redis://127.0.0.1:${port}` });
  await made.start();
  await eventually('it is said', () => /no Redis/.test(made.problem ?? ''));
});

function listening(server: Server): Promise<number> {
  ends.push(() => {
    server.close();
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve((server.address() as { port: number }).port);
    });
  });
}

test('over TLS, as an ACL user that may do no more than it needs', async () => {
  const folder = temporaryFolder();
  ends.push(() => {
    folder.remove();
  });
  makeAuthority(folder, 'authority');
  makeCertificate(folder, 'redis', 'authority', 'IP:127.0.0.1');
  const [ca, cert, key] = ['authority.pem', 'redis.pem', 'redis.key'].map((name) => `${folder.path}/${name}`);
  const [tlsPort = 0] = await freePorts(1);
  const acl = '+psubscribe +ping +scan +mget +exists +object|idletime +info +client|list +client|setname +select';
  // Redis 6.0 knows no channels in ACLs.
  const channels = (await redis.version()) < '6.2' ? '' : 'resetchannels &turn/*';
  const secure = await RedisServer.start([
    ...[`tls-port ${tlsPort}`, `tls-cert-file ${cert}`, `tls-key-file ${key}`, `tls-ca-cert-file ${ca}`],
    'tls-auth-clients no',
    `user reader on >reader-password ${channels} ~turn/* -@all ${acl}`,
  ]);
  ends.push(() => secure.remove());
  await agesAreSure(secure);
  await secure.pipeline(begin('early', 9));
  const url = `rediss://reader:reader-password@127.0.0.1:${tlsPort}/0`;
  const refused = makeSource({ url });
  await refused.start();
  await eventually('an unknown certificate is refused', () => /certificate/.test(refused.problem ?? ''));
  await refused.stop();
  const made = await listen({ url, config: { ca } });
  expect(made.gaps).toMatchObject({ found: 1, problem: undefined });
  await secure.pipeline(begin('alice'));
  await eventually('it is heard', () => relay.openAllocations === 2);
  expect(await made.asker?.clients()).toContain('name=turnkeeper-subscriber');
});

test('a replica that is promoted goes on where the first Redis was: a gap, and exact totals', async () => {
  const replica = await RedisServer.start([`replicaof 127.0.0.1 ${redis.port}`]);
  ends.push(() => replica.remove());
  const place = await Place.open(redis.port);
  const made = await listen({ url: redis.url.replace(String(redis.port), String(place.port)) });
  await redis.pipeline([...begin('alice'), ...traffic('alice', 10)]);
  await eventually('the key has come to the replica', async () => (await replica.cli.exists(keyOf('alice'))) === 1);
  await redis.kill();
  await replica.cli.call('REPLICAOF', 'NO', 'ONE');
  place.leadTo(replica.port);
  await eventually('the gap was counted', () => made.gaps.count === 1);
  await heard(made);
  expect([relay.openAllocations, made.gaps.ended]).toEqual([1, 0]);
  await replica.pipeline(end('alice', 4096));
  await eventually('it is over', () => closed.length === 1);
  expect(closed[0]).toMatchObject({ settled: 'exact' });
  expect(bytesOf(closed[0] as ClosedAllocation)).toEqual([4096, 4096]);
  await eventually('the session has its end', () => sessions.length === 1);
});

/** One address that leads to a Redis, and later to another, as a virtual address does. */
class Place {
  private constructor(
    readonly port: number,
    private to: { port: number },
    private readonly sockets: Set<Socket>,
  ) {}

  static async open(target: number): Promise<Place> {
    const to = { port: target };
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      const onward = connect({ host: '127.0.0.1', port: to.port });
      for (const [one, other] of [
        [socket, onward],
        [onward, socket],
      ] as const) {
        sockets.add(one);
        one.on('error', () => other.destroy());
        one.on('close', () => other.destroy());
        one.pipe(other);
      }
    });
    const port = await listening(server);
    ends.push(() => {
      for (const socket of sockets) socket.destroy();
    });
    return new Place(port, to, sockets);
  }

  leadTo(port: number): void {
    this.to.port = port;
    for (const socket of this.sockets) socket.destroy();
  }
}

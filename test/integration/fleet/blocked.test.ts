import { join } from 'node:path';
import { pino } from 'pino';
import { BlockedUsers } from '../../../src/credentials/blocked-users';
import { fingerprintOf } from '../../../src/credentials/user-fingerprint';
import { MAX_ENTRIES, shardOf } from '../../../src/fleet/blocked/blocks';
import { SharedBlocks } from '../../../src/fleet/blocked/shared-blocks';
import { ZookeeperSession } from '../../../src/fleet/zookeeper-session';
import { systemClock } from '../../../src/lib/clock';
import { temporaryDirectory } from '../../support/coturn';
import { eventually } from '../../support/eventually';
import { ZookeeperServer } from '../../support/zookeeper';
import { Onlooker } from './onlooker';

const HOUR_MS = 3_600_000;
const IN_AN_HOUR = Date.now() + HOUR_MS;
const FOLDER = '/turnservers.blocked';

let zookeeper: ZookeeperServer;
let folder: ReturnType<typeof temporaryDirectory>;
let agents: Agent[];

/** What an agent has of it. */
interface Agent {
  readonly name: string;
  readonly blocked: BlockedUsers;
  /** Whom others blocked, in its eyes. */
  readonly told: Set<string>;
  revoke(user: string, until?: number): Promise<'told' | 'pending'>;
  stop(): Promise<void>;
}

beforeEach(async () => {
  agents = [];
  folder = temporaryDirectory();
  zookeeper = await ZookeeperServer.start();
});

afterEach(async () => {
  for (const agent of agents) await agent.stop();
  await zookeeper.remove();
  folder.remove();
});

/** `name` stands for the data directory. */
async function startAgent(name: string, auth?: string): Promise<Agent> {
  const clock = systemClock;
  const logger = pino({ level: process.env['TEST_LOG'] ?? 'silent' }).child({ name });
  const session = new ZookeeperSession({ servers: zookeeper.address, timeoutMs: 2000, auth, clock, logger });
  const blocked = new BlockedUsers(join(folder.path, name), clock);
  await blocked.load();
  const shared = new SharedBlocks({ session, path: '/turnservers', own: blocked, clock, logger });
  const told = new Set<string>();
  shared.onBlocked((users) => {
    for (const user of users) told.add(user);
  });
  const revoke = async (user: string, until = IN_AN_HOUR): Promise<'told' | 'pending'> => {
    await blocked.block(user, until);
    return shared.share(fingerprintOf(user));
  };
  await session.start();
  const agent = { name, blocked, told, revoke, stop: () => session.stop() };
  agents.push(agent);
  await eventually('it is connected', () => session.connection !== undefined);
  return agent;
}

async function startAgents(...names: string[]): Promise<Agent[]> {
  return Promise.all(names.map((name) => startAgent(name)));
}

/** Resolves when all of these agents block the user until then. */
async function allBlock(some: readonly Agent[], user: string, until = IN_AN_HOUR): Promise<void> {
  for (const { name, blocked } of some)
    await eventually(`${name} blocks ${user}`, () => blocked.untilOf(user) === until);
}

/** Names of users whose fingerprints are in one shard. */
function usersOfOneShard(count: number): string[] {
  const users: string[] = [];
  for (let i = 0; users.length < count; i++) if (fingerprintOf(`user-${i}`).startsWith('A')) users.push(`user-${i}`);
  return users;
}

test('a user who is blocked at one agent is at all, also at one that comes later, and each is told once', async () => {
  const [one, two, three] = (await startAgents('one', 'two', 'three')) as [Agent, Agent, Agent];
  expect(await one.revoke('alice')).toBe('told');
  await allBlock([two, three, await startAgent('four')], 'alice');
  expect([...two.told, ...three.told]).toEqual([fingerprintOf('alice'), fingerprintOf('alice')]);
  expect(one.told.size).toBe(0);
  expect(two.blocked.untilOf('bob')).toBeUndefined();
  const restarted = new BlockedUsers(join(folder.path, 'two'), systemClock);
  await eventually('it is on disk', async () => {
    await restarted.load();
    return restarted.untilOf('alice') === IN_AN_HOUR;
  });
});

test('nobody is unblocked early: of two times the later one counts, at every agent', async () => {
  const [one, two] = (await startAgents('one', 'two')) as [Agent, Agent];
  await one.revoke('alice', IN_AN_HOUR + HOUR_MS);
  await allBlock([two], 'alice', IN_AN_HOUR + HOUR_MS);
  expect(await two.revoke('alice', IN_AN_HOUR)).toBe('told');
  expect(two.blocked.untilOf('alice')).toBe(IN_AN_HOUR + HOUR_MS);
  await two.revoke('alice', IN_AN_HOUR + 2 * HOUR_MS);
  await allBlock([one], 'alice', IN_AN_HOUR + 2 * HOUR_MS);
});

test('agents that block users of one shard at once lose none of them', async () => {
  const some = await startAgents('one', 'two', 'three');
  const users = usersOfOneShard(30);
  const answers = await Promise.all(users.map(async (user, i) => some[i % 3]?.revoke(user)));
  expect(new Set(answers)).toEqual(new Set(['told']));
  for (const user of users) await allBlock(some, user);
});

test('what is blocked while ZooKeeper is away holds at once there, and everywhere when it is back', async () => {
  const [one, two] = (await startAgents('one', 'two')) as [Agent, Agent];
  await one.revoke('before');
  await allBlock([two], 'before');
  await zookeeper.kill();
  await eventually('they notice', async () => (await one.revoke('meanwhile')) === 'pending');
  expect(one.blocked.untilOf('meanwhile')).toBe(IN_AN_HOUR);
  expect(two.blocked.untilOf('before')).toBe(IN_AN_HOUR);
  await two.revoke('elsewhere');
  await two.stop();
  await zookeeper.startAgain();
  const again = await startAgent('two');
  await allBlock([one, again], 'meanwhile');
  await allBlock([one, again], 'elsewhere');
  expect(await one.revoke('after')).toBe('told');
});

test('a ZooKeeper that says nothing makes a revocation wait for three seconds, and no longer', async () => {
  const [one, two] = (await startAgents('one', 'two')) as [Agent, Agent];
  zookeeper.pause();
  const began = performance.now();
  expect(await one.revoke('alice')).toBe('pending');
  expect(performance.now() - began).toBeLessThan(5000);
  zookeeper.resume();
  await allBlock([two], 'alice');
});

test('what others write there unblocks nobody, is passed over, and is written anew', async () => {
  const [one, two] = (await startAgents('one', 'two')) as [Agent, Agent];
  const onlooker = await Onlooker.connect(zookeeper.address);
  const shard = `${FOLDER}/${shardOf(fingerprintOf('alice'))}`;
  try {
    await one.revoke('alice');
    await allBlock([two], 'alice');
    for (const text of ['', '[]', '{"alice":0}', '['.repeat(100_000), 'x'.repeat(900_000), '{}']) {
      await onlooker.write(shard, text);
      await eventually('alice stands there again', async () => fingerprintOf('alice') in (await onlooker.json(shard)));
      expect(two.blocked.untilOf('alice')).toBe(IN_AN_HOUR);
    }
    await onlooker.create(`${FOLDER}/strange`, '{}');
    await onlooker.remove(shard);
    await eventually('alice stands there again', async () => fingerprintOf('alice') in (await onlooker.json(shard)));
    await two.revoke('bob');
    await allBlock([one], 'bob');
  } finally {
    await onlooker.close();
  }
});

test('a shard that is full takes nobody else, which the revocation says; the agent itself blocks them', async () => {
  const [one] = (await startAgents('one')) as [Agent];
  const onlooker = await Onlooker.connect(zookeeper.address);
  const [first = '', second = ''] = usersOfOneShard(2);
  const full = Array.from({ length: MAX_ENTRIES - 1 }, (_, i) => [`A${String(i).padStart(42, '0')}`, IN_AN_HOUR]);
  try {
    await onlooker.create(FOLDER, '');
    await onlooker.create(`${FOLDER}/A`, JSON.stringify(Object.fromEntries(full)));
    expect(await one.revoke(first)).toBe('told');
    expect(await one.revoke(second)).toBe('pending');
    expect(one.blocked.untilOf(second)).toBe(IN_AN_HOUR);
  } finally {
    await onlooker.close();
  }
});

test('with registry.auth only the agents read who is blocked; without it there are no names to read', async () => {
  const auth = 'turnkeeper:a-long-password';
  const [one, two] = [await startAgent('one', auth), await startAgent('two', auth)];
  const onlooker = await Onlooker.connect(zookeeper.address);
  const shard = `${FOLDER}/${shardOf(fingerprintOf('alice'))}`;
  try {
    expect(await one.revoke('alice')).toBe('told');
    await allBlock([two], 'alice');
    await expect(onlooker.text(shard)).rejects.toThrow('NO_AUTH');
    onlooker.client.addAuthInfo('digest', Buffer.from(auth));
    expect(await onlooker.text(shard)).toBe(`{"${fingerprintOf('alice')}":${IN_AN_HOUR}}`);
  } finally {
    await onlooker.close();
  }
});

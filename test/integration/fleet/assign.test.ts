import type { Assigned, AssignRequest } from '../../../src/fleet/assign/assignments';
import { taskId } from '../../../src/fleet/assign/reservation';
import { eventually } from '../../support/eventually';
import { ZookeeperServer } from '../../support/zookeeper';
import { endSession } from './end-session';
import { PATH, serversIn, startFleet, stopFleets, type TestFleet } from './fleet-of-tests';
import { Onlooker } from './onlooker';

let zookeeper: ZookeeperServer;
let onlooker: Onlooker;

beforeAll(async () => {
  zookeeper = await ZookeeperServer.start();
  onlooker = await Onlooker.connect(zookeeper.address);
});

afterEach(async () => {
  zookeeper.resume();
  await stopFleets();
});

afterAll(async () => {
  await onlooker.close();
  await zookeeper.remove();
});

/** Agents that know each other. */
async function agents(names: readonly string[], settings: object = {}): Promise<TestFleet[]> {
  const fleets = await Promise.all(names.map((name) => startFleet(zookeeper.address, name, settings)));
  for (const fleet of fleets)
    await eventually('all are known', () => serversIn(fleet).join() === [...names].sort().join());
  return fleets;
}

async function assigned({ assignments }: TestFleet, request: AssignRequest): Promise<Assigned> {
  const assignment = await assignments.assign(request);
  if (assignment.kind === 'none') throw new Error(JSON.stringify(assignment.reasons));
  return assignment;
}

const nodeOf = (task: string): string => `${PATH}.tasks/${taskId(task)}`;

test('of two agents with one name the later one does not take the other relay for its own', async () => {
  const [one] = (await agents(['a'])) as [TestFleet];
  const two = await startFleet(zookeeper.address, 'a', {}, 'another data directory');
  await eventually('the other knows', () => serversIn(two).join() === 'a' && two.registry.standing.kind === 'conflict');
  // Its own relay, which is not in the registry.
  two.figures = { ...two.figures, ready: false };
  expect((await assigned(two, { task: 'call' })).relay.node.agent).toBe(one.agent);
});

test('a task that is asked for at two agents at once gets one relay, for each of many tasks', async () => {
  const [one, two] = (await agents(['a', 'b', 'c'])) as [TestFleet, TestFleet];
  const relays = new Set<string>();
  for (let i = 0; i < 40; i++) {
    // Of their own accord they would mostly differ.
    const ask = (fleet: TestFleet) => assigned(fleet, { task: `task ${i}`, strategy: 'random' });
    const [here, there] = await Promise.all([ask(one), ask(two)]);
    // A busy machine may keep ZooKeeper's answer from one of them for too long, and it says so.
    if (!here.isShared || !there.isShared) continue;
    expect(here.relay.server).toBe(there.relay.server);
    relays.add(here.relay.server);
  }
  // Chosen at random among three, so that agents which agree on nothing but the first would not pass.
  expect(relays.size).toBeGreaterThan(1);
});

test('a task keeps its relay at any agent, for as long as was asked for at most, and not beyond', async () => {
  const [one, two] = (await agents(['a', 'b'])) as [TestFleet, TestFleet];
  const ask = (fleet: TestFleet, more: object = {}) =>
    assigned(fleet, { task: 'call', strategy: 'round-robin', ...more });
  const first = await ask(one, { reserveSeconds: 2 });
  expect(first.relay.server).toBe('a');
  const second = await ask(two, { reserveSeconds: 1 });
  expect([second.relay.server, second.why]).toEqual(['a', 'The task has it reserved.']);
  expect(second.reservedUntil).toBeGreaterThanOrEqual(first.reservedUntil);
  expect(await onlooker.json(nodeOf('call'))).toMatchObject({ server: 'a', seconds: 2 });
  await eventually('it is over', async () => !(await onlooker.has(nodeOf('call'))), 8000);
  expect(Date.now()).toBeGreaterThanOrEqual(second.reservedUntil);
  await eventually('nothing is left here', () => one.assignments.reservations.shared === 0);
  expect((await ask(one)).relay.server).toBe('b');
});

test('a relay that drains loses its tasks to another one, for all agents', async () => {
  const [one, two] = (await agents(['a', 'b'])) as [TestFleet, TestFleet];
  const ask = (fleet: TestFleet) => assigned(fleet, { task: 'moved', strategy: 'least-used' });
  one.figures = { ...one.figures, load: 0.1 };
  await one.registry.announce();
  const first = await ask(one);
  const drained = first.relay.server === 'a' ? one : two;
  drained.figures = { ...drained.figures, draining: true };
  await drained.registry.announce();
  for (const { view } of [one, two])
    await eventually('it is known', () => view.relays().some(({ node }) => node.draining));
  const [again, other] = [await ask(two), await ask(one)];
  expect(again.relay.server).not.toBe(first.relay.server);
  expect(other.relay.server).toBe(again.relay.server);
});

test('a relay that drains while ZooKeeper is silent is not assigned by its own agent, whose view is old', async () => {
  const [one] = (await agents(['a', 'b'], { sessionTimeout: '4s' })) as [TestFleet, TestFleet];
  one.figures = { ...one.figures, freeMbps: 950, load: 0.1 };
  await one.registry.announce();
  const ask = (task: string) => assigned(one, { task, strategy: 'least-used' });
  await eventually('it is known to be the least used', () => one.view.relays()[0]?.node.load === 0.1);
  expect((await ask('before')).relay.server).toBe('a');
  zookeeper.pause();
  one.figures = { ...one.figures, draining: true };
  expect((await ask('meanwhile')).relay.server).toBe('b');
  expect(one.view.relays().map(({ node }) => node.draining)).toEqual([false, false]);
});

test('what one agent has reserved counts at the others, until the traffic shows', async () => {
  const [one, two] = (await agents(['a', 'b'], { assign: { reserveMbps: 101 } })) as [TestFleet, TestFleet];
  for (let i = 0; i < 8; i++) await assigned(one, { task: `call ${i}`, strategy: 'last-used' });
  const reserved = (): number => two.view.relays().find(({ server }) => server === 'a')?.node.reserved['a'] ?? 0;
  await eventually('it is known', () => reserved() === 808, 8000);
  const next = await assigned(two, { task: 'of another', strategy: 'last-used' });
  expect(next.relay.server).toBe('b'); // of 812 Mbps 4 are left at `a`, and 10 must be
  one.figures = { ...one.figures, freeMbps: 100 };
  await one.registry.announce();
  await eventually('its traffic shows', () => (one.assignments.reserved()['a'] ?? 0) < 200, 8000);
});

test('while ZooKeeper is silent, each agent goes on alone and says so, and tells the others afterwards', async () => {
  const [one, two] = (await agents(['a', 'b'], { sessionTimeout: '4s' })) as [TestFleet, TestFleet];
  await assigned(one, { task: 'before' });
  zookeeper.pause();
  let probes = 0;
  // A process that is told to stop may still answer what has come.
  await eventually('it is silent', async () => !(await assigned(one, { task: `probe ${probes++}` })).isShared);
  const alone = await assigned(one, { task: 'alone', strategy: 'most-used', reserveSeconds: 60 });
  expect(alone.isShared).toBe(false);
  expect((await assigned(one, { task: 'alone', strategy: 'least-used' })).relay.server).toBe(alone.relay.server);
  expect((await assigned(one, { task: 'before' })).why).toBe('The task has it reserved.');
  zookeeper.resume();
  await eventually('the others know', async () => {
    const { server } = await onlooker.json(nodeOf('alone'));
    return server === alone.relay.server;
  });
  await eventually('the others keep to it', async () => {
    const { relay, isShared } = await assigned(two, { task: 'alone', strategy: 'least-used' });
    return isShared && relay.server === alone.relay.server;
  });
});

test('an expired session loses no reservation', async () => {
  const [one] = (await agents(['a', 'b'])) as [TestFleet];
  const { relay } = await assigned(one, { task: 'kept', strategy: 'random', reserveSeconds: 600 });
  await endSession(one, zookeeper);
  await eventually('it is in the new session', async () => {
    const owner = (await onlooker.stat(nodeOf('kept')))?.ephemeralOwner.toString('hex');
    return owner !== undefined && owner === one.session.connection?.sessionId;
  });
  expect(one.session.expired).toBe(1);
  expect((await onlooker.json(nodeOf('kept')))['server']).toBe(relay.server);
});

test('a reservation can be ended early, at any agent', async () => {
  const [one, two] = (await agents(['a', 'b'])) as [TestFleet, TestFleet];
  const ask = () => assigned(one, { task: 'over', strategy: 'round-robin', reserveSeconds: 600 });
  expect((await ask()).relay.server).toBe('a');
  expect(await two.assignments.release('over')).toBe(true);
  expect(await onlooker.has(nodeOf('over'))).toBe(false);
  expect(await two.assignments.release('over')).toBe(false);
  expect((await ask()).relay.server).toBe('b');
});

test('what others wrote into a task is no reservation, and is written over', async () => {
  const [one] = (await agents(['a'])) as [TestFleet];
  await assigned(one, { task: 'first' });
  for (const data of [
    '',
    '[1]',
    'x'.repeat(5000),
    '{"server":"a","seconds":60,"until":9e15}',
    '{"server":"gone","seconds":60,"until":1}',
  ]) {
    await onlooker.create(nodeOf(data), data);
    const { relay, isShared } = await assigned(one, { task: data });
    expect([relay.server, isShared]).toEqual(['a', true]);
    expect((await onlooker.json(nodeOf(data)))['server']).toBe('a');
  }
});

test('a view that is too old assigns nothing more', async () => {
  const [one] = (await agents(['a'], { assign: { maxViewAge: '1s' } })) as [TestFleet];
  zookeeper.pause();
  await eventually('it is too old', async () => {
    const message = await one.assignments.assign({ task: 'late' }).then(
      () => '',
      (error: unknown) => String(error),
    );
    return /ZooKeeper has been away for \d+ s.*maxViewAge is 1 s/.test(message);
  });
  expect(one.assignments.counts.outcomes.unavailable).toBeGreaterThan(0);
});

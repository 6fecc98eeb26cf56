import { createServer } from 'node:net';
import { eventually } from '../../support/eventually';
import { freePorts } from '../../support/free-ports';
import { ZookeeperEnsemble, ZookeeperServer } from '../../support/zookeeper';
import { endSession } from './end-session';
import { clientOf, PATH, serversIn, startFleet, stopFleets, type TestFleet } from './fleet-of-tests';
import { Onlooker } from './onlooker';

const servers: ZookeeperServer[] = [];

/** Gone at the end of the test. */
async function startZookeeper(): Promise<ZookeeperServer> {
  const server = await ZookeeperServer.start();
  servers.push(server);
  return server;
}

afterEach(async () => {
  await stopFleets();
  for (const server of servers.splice(0)) await server.remove();
});

async function registered(fleet: TestFleet): Promise<void> {
  await eventually(`${fleet.server} is registered`, () => fleet.registry.standing.kind === 'registered');
}

describe('one ZooKeeper server', () => {
  it('may be away at the start: the agent starts at once, and registers when the server comes', async () => {
    const zookeeper = await startZookeeper();
    await zookeeper.kill();
    const began = performance.now();
    const fleet = await startFleet(zookeeper.address, 'a');
    expect(performance.now() - began).toBeLessThan(500);
    expect(fleet.view.asOf).toBeUndefined();
    await zookeeper.startAgain();
    await registered(fleet);
    await eventually('it sees itself', () => serversIn(fleet).join() === 'a');
  });

  it('may be killed and come back: the view stays as it was meanwhile, and says so, and both nodes come back', async () => {
    const zookeeper = await startZookeeper();
    const [one, two] = [await startFleet(zookeeper.address, 'one'), await startFleet(zookeeper.address, 'two')];
    await eventually('they see each other', () => [one, two].every((each) => serversIn(each).join() === 'one,two'));
    await zookeeper.kill();
    await eventually('it is noticed', () => one.session.connection === undefined);
    const { asOf = 0 } = one.view;
    expect(Date.now() - asOf).toBeLessThan(5000);
    two.figures = { ...two.figures, freeMbps: 1 };
    await new Promise((resolve) => setTimeout(resolve, 2500)); // longer than the sessions last
    expect(serversIn(one)).toEqual(['one', 'two']);
    expect(Math.abs((one.view.asOf ?? 0) - asOf)).toBeLessThan(100);
    const { now } = Date;
    Date.now = () => now() - 3_600_000; // the clock is set back: the view is no younger for it
    const age = Date.now() - (one.view.asOf ?? 0);
    Date.now = now;
    expect(age).toBeGreaterThan(2000);
    await zookeeper.startAgain();
    await Promise.all([registered(one), registered(two)]);
    const freeOfTwo = (): number | undefined => one.view.relays()[1]?.node.freeTraffic;
    await eventually('what has changed meanwhile is seen', () => freeOfTwo() === 1);
    expect(one.view.asOf).toBeGreaterThan(asOf);
  });

  it('that stands still is taken for away, whatever TCP says, and the relay is back after it goes on', async () => {
    const zookeeper = await startZookeeper();
    const fleet = await startFleet(zookeeper.address, 'b');
    await registered(fleet);
    zookeeper.pause();
    await eventually('it is noticed', () => fleet.session.connection === undefined, 4000);
    await new Promise((resolve) => setTimeout(resolve, 2500)); // the session is over by then
    zookeeper.resume();
    await eventually('it is connected', () => fleet.session.connection !== undefined);
    await registered(fleet);
    const onlooker = await Onlooker.connect(zookeeper.address);
    await eventually('the node is of this session', async () => {
      const stat = await onlooker.stat(`${PATH}/b`);
      return stat?.ephemeralOwner.toString('hex') === fleet.session.connection?.sessionId;
    });
    await onlooker.close();
  });
});

it('a stop while ZooKeeper is away ends all tries to connect', async () => {
  const [port = 0] = await freePorts(1);
  const fleet = await startFleet(`127.0.0.1:${port}`, 'a');
  let connections = 0;
  await new Promise((resolve) => setTimeout(resolve, 50)); // the first tries have failed by then
  await fleet.stop();
  const server = createServer((socket) => {
    connections++;
    socket.destroy();
  }).listen(port, '127.0.0.1');
  await new Promise((resolve) => setTimeout(resolve, 1500)); // the client waits up to 1 s between two tries
  server.close();
  expect(connections).toBeLessThanOrEqual(1); // one was due when it was stopped
});

describe('what is wrong with node-zookeeper-client', () => {
  let fleet: TestFleet;
  let first: TestFleet['session']['connection'];

  beforeEach(async () => {
    fleet = await startFleet((await startZookeeper()).address, 'a');
    await registered(fleet);
    first = fleet.session.connection;
  });

  async function connectedAnew(): Promise<void> {
    const isNew = (): boolean => ![undefined, first].includes(fleet.session.connection);
    await eventually('it is connected anew', isNew, 4000);
    expect(fleet.session.connection?.sessionId).toBe(first?.sessionId);
  }

  it('half an answer, left by a broken connection, does not confuse the next one', async () => {
    const { socket, hangUp } = clientOf(fleet);
    socket()?.emit('data', Buffer.from([0, 0, 1]));
    hangUp();
    await connectedAnew();
  });

  it('an answer that makes no sense breaks the connection, and not the process', async () => {
    // A notice (xid -1) of an event that there is not.
    const nonsense = Buffer.from('0000001cffffffffffffffffffffffff00000000000000630000000300000000', 'hex');
    clientOf(fleet).socket()?.emit('data', nonsense);
    await connectedAnew();
  });
});

describe('an expired session', () => {
  it('is followed by another one, with the node in it and watches that work', async () => {
    const zookeeper = await startZookeeper();
    const [one, two] = [await startFleet(zookeeper.address, 'one'), await startFleet(zookeeper.address, 'two')];
    await eventually('they see each other', () => [one, two].every((each) => serversIn(each).join() === 'one,two'));
    await endSession(one, zookeeper);
    expect(one.session.expired).toBe(1);
    await registered(one);
    await eventually('the other one sees it', () => serversIn(two).join() === 'one,two', 5000);
    two.figures = { ...two.figures, freeMbps: 2 };
    await eventually('it sees changes', () => one.view.relays()[1]?.node.freeTraffic === 2, 5000);
    await two.stop();
    await eventually('it sees others go', () => serversIn(one).join() === 'one', 10_000);
  });
});

describe('an ensemble of three', () => {
  let ensemble: ZookeeperEnsemble;

  beforeAll(async () => {
    ensemble = await ZookeeperEnsemble.start();
  });

  afterAll(() => ensemble.remove());

  it('may lose its leader: session and node go on, and changes are seen', async () => {
    const settings = { sessionTimeout: '4s' };
    const fleets = await Promise.all(['a', 'b', 'c'].map((name) => startFleet(ensemble.addresses, name, settings)));
    const all =
      (holds: (fleet: TestFleet) => boolean): (() => boolean) =>
      () =>
        fleets.every(holds);
    await eventually(
      'they see each other',
      all((each) => serversIn(each).join() === 'a,b,c'),
    );
    const sessions = fleets.map(({ session }) => session.connection?.sessionId);
    const leader = await ensemble.leader();
    await leader.kill();
    await eventually('a part of them is away', () => fleets.some(({ session }) => !session.connection));
    await eventually(
      'all are connected again',
      all(({ session }) => session.connection !== undefined),
      20_000,
    );
    for (const fleet of fleets) fleet.figures = { ...fleet.figures, freeMbps: 77 };
    await eventually(
      'changes are seen',
      all(({ view }) => view.relays().every(({ node }) => node.freeTraffic === 77)),
      20_000,
    );
    expect(fleets.map(({ session }) => session.connection?.sessionId)).toEqual(sessions);
    await leader.startAgain();
  });

  it('may have one server standing still: another one is used before the session is over', async () => {
    const fleet = await startFleet(ensemble.addresses, 'd', { sessionTimeout: '4s' });
    await registered(fleet);
    const sessionId = fleet.session.connection?.sessionId;
    const used = await serverOf(fleet, ensemble);
    used.pause();
    try {
      const first = fleet.session.connection;
      const isMoved = (): boolean => ![undefined, first].includes(fleet.session.connection);
      await eventually('it uses another one', isMoved, 20_000);
      expect(fleet.session.connection?.sessionId).toBe(sessionId);
      expect(fleet.session.expired).toBe(0);
    } finally {
      used.resume();
    }
  });
});

async function serverOf({ session }: TestFleet, { servers }: ZookeeperEnsemble): Promise<ZookeeperServer> {
  for (const server of servers) {
    if ((await server.ask('cons')).includes(`sid=0x${(session.connection?.sessionId ?? '').replace(/^0+/, '')}`))
      return server;
  }
  throw new Error('no server has this session');
}

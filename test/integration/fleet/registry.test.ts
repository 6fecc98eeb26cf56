import { eventually } from '../../support/eventually';
import { ZookeeperServer } from '../../support/zookeeper';
import { PATH, serversIn, startFleet, stopFleets } from './fleet-of-tests';
import { Onlooker } from './onlooker';

let zookeeper: ZookeeperServer;
let onlooker: Onlooker;

beforeAll(async () => {
  zookeeper = await ZookeeperServer.start();
  onlooker = await Onlooker.connect(zookeeper.address);
});

afterEach(stopFleets);

afterAll(async () => {
  await onlooker.close();
  await zookeeper.remove();
});

describe('the node of a relay', () => {
  it('is what the original signalling servers read, and what ours do, in this order', async () => {
    const { registry, session } = await startFleet(zookeeper.address, 'a', { region: 'kr', isps: ['skt', 'kt'] });
    await eventually('it is registered', () => registry.standing.kind === 'registered');
    const text = await onlooker.text(`${PATH}/a`);
    expect(text.replace(/"updatedAt":"[^"]+"|"agent":"\w+"/g, '…')).toBe(
      '{"freeTraffic":812.3,"restAddr":"a.test:9642","region":"kr","isps":["skt","kt"],"load":0.188,"allocations":3,' +
        '"uris":["turn:t:3478"],"draining":false,"ready":true,"version":"1.2.3",…,' +
        '"roundTrips":{},"reserved":{},"secrets":["0123456789abcdef"],…}',
    );
    const owner = (await onlooker.stat(`${PATH}/a`))?.ephemeralOwner.toString('hex');
    expect(owner).toBe(session.connection?.sessionId);
  });

  it('is gone as soon as the agent has stopped, and its folder stays', async () => {
    const fleet = await startFleet(zookeeper.address, 'b');
    await eventually('it is there', () => onlooker.has(`${PATH}/b`));
    await fleet.stop();
    expect(await onlooker.has(`${PATH}/b`)).toBe(false);
    expect(await onlooker.has(PATH)).toBe(true);
  });

  it('goes at withdraw, stays away however much changes, and comes back at announce', async () => {
    const fleet = await startFleet(zookeeper.address, 'c');
    await eventually('it is there', () => onlooker.has(`${PATH}/c`));
    await fleet.registry.withdraw();
    expect(await onlooker.has(`${PATH}/c`)).toBe(false);
    fleet.figures = { ...fleet.figures, freeMbps: 1 };
    await new Promise((resolve) => setTimeout(resolve, 2500)); // longer than it takes to see a change
    expect(await onlooker.has(`${PATH}/c`)).toBe(false);
    expect(fleet.registry.standing).toEqual({ kind: 'withdrawn' });
    await fleet.registry.announce();
    expect(await onlooker.json(`${PATH}/c`)).toMatchObject({ freeTraffic: 1 });
  });

  it('tells at once that the relay is full or not ready, and a little less room with the next update', async () => {
    const fleet = await startFleet(zookeeper.address, 'd');
    await eventually('it is there', () => onlooker.has(`${PATH}/d`));
    fleet.figures = { ...fleet.figures, freeMbps: 12.04, ready: false };
    await eventually('it says so', async () => (await onlooker.json(`${PATH}/d`))['ready'] === false, 4000);
    expect(await onlooker.json(`${PATH}/d`)).toMatchObject({ freeTraffic: 12, ready: false });
    fleet.figures = { ...fleet.figures, freeMbps: 13 };
    await eventually('it says so', async () => (await onlooker.json(`${PATH}/d`))['freeTraffic'] === 13, 15_000);
    const version = (await onlooker.stat(`${PATH}/d`))?.version;
    expect(version).toBe(2);
  });

  it('is written anew where somebody else has changed or deleted it', async () => {
    await startFleet(zookeeper.address, 'e');
    await eventually('it is there', () => onlooker.has(`${PATH}/e`));
    await onlooker.remove(`${PATH}/e`);
    await eventually('it is there again', () => onlooker.has(`${PATH}/e`), 4000);
    await onlooker.write(`${PATH}/e`, 'nonsense');
    await eventually('it makes sense', async () => (await onlooker.json(`${PATH}/e`))['freeTraffic'] === 812.3, 4000);
  });
});

describe('a name', () => {
  it('stays with the agent that has it; the other says so, and takes it when it is free', async () => {
    const first = await startFleet(zookeeper.address, 'twin', { restAddress: 'first:1' });
    await eventually('the first has it', () => first.registry.standing.kind === 'registered');
    const second = await startFleet(zookeeper.address, 'twin', { restAddress: 'second:1' }, 'another home');
    await eventually('the second knows', () => second.registry.standing.kind === 'conflict');
    expect(second.registry.standing).toEqual({ kind: 'conflict', holder: 'first:1' });
    first.figures = { ...first.figures, freeMbps: 5 };
    await eventually('the first goes on', async () => (await onlooker.json(`${PATH}/twin`))['freeTraffic'] === 5);
    expect(await onlooker.json(`${PATH}/twin`)).toMatchObject({ restAddr: 'first:1' });
    await first.stop();
    await eventually('the second has it', () => second.registry.standing.kind === 'registered', 5000);
    expect(await onlooker.json(`${PATH}/twin`)).toMatchObject({ restAddr: 'second:1' });
    await eventually('it sees itself', () => serversIn(second).includes('twin'));
  });

  it('that an earlier run of the same agent left behind is taken over at once', async () => {
    const before = await startFleet(zookeeper.address, 'again', { sessionTimeout: '4s' });
    await eventually('it is there', () => onlooker.has(`${PATH}/again`));
    before.session.connection?.end(); // deaf from now on, as a killed process; its session lives on
    const after = await startFleet(zookeeper.address, 'again', { restAddress: 'after:1' });
    await eventually('the next run has it', () => after.registry.standing.kind === 'registered', 1500);
    expect(await onlooker.json(`${PATH}/again`)).toMatchObject({ restAddr: 'after:1' });
  });

  it('is not fought over by copies of one data directory', async () => {
    const original = await startFleet(zookeeper.address, 'clone', { restAddress: 'original:1' });
    await eventually('it is there', () => original.registry.standing.kind === 'registered');
    const copy = await startFleet(zookeeper.address, 'clone', { restAddress: 'copy:1' });
    await eventually('one of them sees it', () => original.registry.standing.kind === 'conflict');
    const owner = async (): Promise<string | undefined> =>
      (await onlooker.stat(`${PATH}/clone`))?.ephemeralOwner.toString('hex');
    expect(await owner()).toBe(copy.session.connection?.sessionId);
    await new Promise((resolve) => setTimeout(resolve, 4500)); // two looks of each
    expect(await owner()).toBe(copy.session.connection?.sessionId);
    expect(original.registry.standing).toEqual({ kind: 'conflict', holder: 'copy:1' });
  });
});

describe('chroot and ACL', () => {
  const auth = 'turnkeeper:a-password-of-the-tests';

  it('makes a chroot that is not there, and registers below it', async () => {
    const fleet = await startFleet(`${zookeeper.address}/made/by/us`, 'f', { path: '/relays' });
    await eventually('it is there', () => onlooker.has('/made/by/us/relays/f'));
    await eventually('it sees itself', () => serversIn(fleet).includes('f'));
  });

  it('lets everybody read, and nobody else write, neither the node nor beside it', async () => {
    const fleet = await startFleet(zookeeper.address, 'g', { path: '/guarded', auth });
    await eventually('it is there', () => fleet.registry.standing.kind === 'registered');
    expect(await onlooker.json('/guarded/g')).toMatchObject({ restAddr: 'g.test:9642' });
    await expect(onlooker.write('/guarded/g', '{}')).rejects.toThrow('NO_AUTH');
    await expect(onlooker.create('/guarded/h', '{}')).rejects.toThrow('NO_AUTH');
  });

  it('says that it is refused where it lacks the right, sees the fleet all the same, and registers once it may', async () => {
    const keeper = await startFleet(zookeeper.address, 'i', { path: '/kept', auth });
    await eventually('it is there', () => keeper.registry.standing.kind === 'registered');
    const stranger = await startFleet(zookeeper.address, 'j', { path: '/kept' });
    await eventually('it is refused', () => stranger.registry.standing.kind === 'refused');
    expect(stranger.registry.standing).toMatchObject({ reason: expect.stringContaining('NO_AUTH') as string });
    await eventually('it sees the fleet', () => serversIn(stranger).join() === 'i');
    const friend = await startFleet(zookeeper.address, 'k', { path: '/kept', auth });
    await eventually('it is there', () => friend.registry.standing.kind === 'registered');
  });
});

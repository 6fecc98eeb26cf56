import { eventually } from '../../support/eventually';
import { startProgram } from '../../support/program';
import { ZookeeperServer } from '../../support/zookeeper';
import { clientOf, PATH, serversIn, startFleet, stopFleets } from './fleet-of-tests';
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

test('a relay whose process is killed is out of the view within its session timeout', async () => {
  const { view } = await startFleet(zookeeper.address, 'observer');
  const relay = await startProgram('registered-relay.ts', zookeeper.address);
  const isSeen = (): boolean => view.relays().some(({ server }) => server === 'mortal');
  try {
    await eventually('it is seen', isSeen);
  } finally {
    await relay.kill();
  }
  const killed = performance.now();
  await eventually('it is gone', () => !isSeen());
  // 2 s, up to two ticks of the server (0.4 s), and what a busy machine adds.
  expect(performance.now() - killed).toBeLessThan(4000);
});

test('relays that come, change, stop and withdraw are seen within seconds', async () => {
  const { view } = await startFleet(zookeeper.address, 'observer');
  const other = await startFleet(zookeeper.address, 'other');
  const seen = (): number | undefined => view.relays().find(({ server }) => server === 'other')?.node.freeTraffic;
  await eventually('it is seen', () => seen() === 812.3);
  const left = (): string[] => view.left().map(({ server }) => server);
  expect(left()).toEqual([]);
  const written = Date.now();
  expect(Math.abs((view.relays()[1]?.updatedAt ?? 0) - written)).toBeLessThan(2000);
  await other.registry.withdraw();
  await eventually('it is out', () => seen() === undefined);
  expect(left()).toEqual(['other']);
  await other.registry.announce();
  await eventually('it is back', () => seen() === 812.3);
  expect(left()).toEqual([]);
  await other.stop();
  await eventually('it is out', () => seen() === undefined);
});

test('every one of many quick changes is followed by a reading: the last one is what stays', async () => {
  const { view } = await startFleet(zookeeper.address, 'observer');
  await onlooker.create(`${PATH}/quick`, '{"freeTraffic":0,"restAddr":"q:1"}');
  for (let i = 1; i <= 500; i++) await onlooker.write(`${PATH}/quick`, `{"freeTraffic":${i},"restAddr":"q:1"}`);
  const seen = (): unknown => view.relays().find(({ server }) => server === 'quick')?.node.freeTraffic;
  await eventually('the last one is seen', () => seen() === 500);
  for (let i = 0; i < 20; i++) {
    await onlooker.remove(`${PATH}/quick`);
    await onlooker.create(`${PATH}/quick`, `{"freeTraffic":${1000 + i},"restAddr":"q:1"}`);
  }
  await eventually('the last of those that came and went is seen', () => seen() === 1019);
  await onlooker.remove(`${PATH}/quick`);
  await eventually('it is gone', () => seen() === undefined);
});

test('nodes that are no relay are counted and keep nothing from the others', async () => {
  const names = { empty: '', json: '[1]', deep: '['.repeat(10_000), large: Buffer.alloc(900_000, 'x') };
  const { view } = await startFleet(zookeeper.address, 'observer');
  for (const [name, data] of Object.entries(names)) await onlooker.create(`${PATH}/${name}`, data);
  await onlooker.create(`${PATH}/${'n'.repeat(500)}`, '{"freeTraffic":1,"restAddr":"a:1"}');
  await onlooker.create(`${PATH}/esc\u202eape`, '{"freeTraffic":1,"restAddr":"a:1"}');
  await onlooker.create(`${PATH}/original`, '{"freeTraffic":"7.5","restAddr":"10.0.0.9:8080"}');
  await eventually('the original is seen', () => view.relays().some(({ server }) => server === 'original'));
  await eventually('the others are counted', () => view.unreadable === Object.keys(names).length);
  expect(view.relays().map(({ server }) => server)).toEqual(['observer', 'original']);
  for (const name of Object.keys(names)) await onlooker.remove(`${PATH}/${name}`);
  await onlooker.remove(`${PATH}/${'n'.repeat(500)}`);
  await onlooker.remove(`${PATH}/esc\u202eape`);
  await onlooker.remove(`${PATH}/original`);
  await eventually('they are forgotten', () => view.unreadable === 0);
});

test('a thousand relays are known within seconds, also after the connection broke', async () => {
  await onlooker.mkdirs('/large');
  const names = Array.from({ length: 1000 }, (_, i) => `relay-${i}`);
  const data = (i: number): string => `{"freeTraffic":${i},"restAddr":"10.0.0.1:${i + 1}"}`;
  await Promise.all(names.map((name, i) => onlooker.create(`/large/${name}`, data(i))));
  const fleet = await startFleet(zookeeper.address, 'observer', { path: '/large' });
  await eventually('all are known', () => serversIn(fleet).length === 1001, 10_000);
  const first = fleet.session.connection;
  // Half an answer in its buffer is what the connection leaves behind when it breaks here.
  await Promise.all(names.map((name) => onlooker.write(`/large/${name}`, data(7))));
  clientOf(fleet).hangUp();
  await eventually('it is connected again', () => ![undefined, first].includes(fleet.session.connection));
  const isSeven = (): boolean => fleet.view.relays().filter(({ node }) => node.freeTraffic === 7).length === 1000;
  await eventually('all changes are known', isSeven, 10_000);
  expect(fleet.session.expired).toBe(0);
});

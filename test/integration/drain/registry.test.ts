import { AgentHome } from '../../support/agent';
import { eventually } from '../../support/eventually';
import { ZookeeperServer } from '../../support/zookeeper';
import { Onlooker } from '../fleet/onlooker';

const NODE = '/test/turnservers/one';
let zookeeper: ZookeeperServer;
let onlooker: Onlooker;
let home: AgentHome;

beforeAll(async () => {
  zookeeper = await ZookeeperServer.start();
  onlooker = await Onlooker.connect(zookeeper.address);
});

afterEach(async () => {
  await home.remove();
});

afterAll(async () => {
  await onlooker.close();
  await zookeeper.remove();
});

/** The time that it took, milliseconds. */
async function post(path: string): Promise<number> {
  const before = performance.now();
  const response = await fetch(`${home.url}${path}`, { method: 'POST' });
  expect(response.status).toBe(200);
  return performance.now() - before;
}

async function startHome(): Promise<ReturnType<AgentHome['start']>> {
  const registry = { zookeeper: `${zookeeper.address}/test`, server: 'one', sessionTimeout: '4s' };
  home = await AgentHome.create({}, { registry, network: { devices: ['lo'], capacityMbps: 1000 } });
  const agent = await home.start();
  await eventually('it is registered', () => onlooker.has(NODE));
  return agent;
}

test('a relay that is drained is out of the registry when the call answers, stays out of it, and comes back', async () => {
  const agent = await startHome();
  await post('/-/drain');
  expect(await onlooker.has(NODE)).toBe(false);
  await agent.kill('SIGKILL');
  await home.start();
  await eventually('it has looked', async () =>
    (await home.get('/metrics')).text.includes('coturn_registry_connected 1'),
  );
  expect(await onlooker.has(NODE)).toBe(false);
  await post('/-/undrain');
  expect(await onlooker.has(NODE)).toBe(true);
  expect(await onlooker.json(NODE)).toMatchObject({ ready: true, draining: false });
});

test('a ZooKeeper that falls silent holds no drain up', async () => {
  await startHome();
  zookeeper.pause();
  try {
    expect(await post('/-/drain')).toBeLessThan(10_000);
    expect((await home.get('/-/drain')).text).toContain('"refusing":true');
  } finally {
    zookeeper.resume();
  }
  await eventually('it is gone', async () => !(await onlooker.has(NODE)), 20_000);
});

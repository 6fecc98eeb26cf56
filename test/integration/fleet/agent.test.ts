import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AgentHome } from '../../support/agent';
import { eventually } from '../../support/eventually';
import { ZookeeperServer } from '../../support/zookeeper';
import { Onlooker } from './onlooker';

const MAIN = join(__dirname, '../../../dist/main.js');
const homes: AgentHome[] = [];
let zookeeper: ZookeeperServer;
let onlooker: Onlooker;

beforeAll(async () => {
  zookeeper = await ZookeeperServer.start();
  onlooker = await Onlooker.connect(zookeeper.address);
});

afterEach(async () => {
  for (const home of homes.splice(0)) await home.remove();
});

afterAll(async () => {
  await onlooker.close();
  await zookeeper.remove();
});

/** Loopback carries what these agents relay, and has no capacity of its own. */
async function agentHome(server: string): Promise<AgentHome> {
  const registry = { zookeeper: `${zookeeper.address}/test`, server, sessionTimeout: '4s', region: 'kr' };
  const network = { devices: ['lo'], capacityMbps: 1000 };
  const home = await AgentHome.create({}, { registry, network });
  homes.push(home);
  return home;
}

test('two agents know each other, on every surface; one that stops is gone before its coturn is', async () => {
  const [one, two] = [await agentHome('one'), await agentHome('two')];
  await one.start();
  const second = await two.start();
  const node = async (): Promise<Record<string, unknown>> => onlooker.json('/test/turnservers/two');
  await eventually('its room is known', async () => Number((await node())['freeTraffic']) > 0, 20_000);
  const uris = ['udp', 'tcp'].map((transport) => `turn:127.0.0.1:${two.ports.turn}?transport=${transport}`);
  expect(await node()).toMatchObject({ region: 'kr', draining: false, ready: true, allocations: 0, uris });
  expect((await node())['restAddr']).toMatch(new RegExp(`^[\\d.]+:${two.ports.web}$`));
  await eventually('each knows the other', async () => {
    const pages = await Promise.all([one, two].map((home) => home.get('/metrics')));
    return pages.every(({ text }) => text.includes('coturn_registry_relays{state="ready"} 2\n'));
  });
  const page = (await one.get('/metrics')).text;
  expect(page).toContain('coturn_registry_connected 1\n');
  expect(page).toContain('coturn_registry_name_conflict 0\n');
  expect(
    Date.now() / 1000 - Number(/^coturn_registry_last_update_timestamp_seconds (\S+)$/m.exec(page)?.[1]),
  ).toBeLessThan(15);
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, 'relays', '--url', one.url]);
  expect(stdout).toMatch(/^SERVER .*\none +ready .*\ntwo +ready .*\n$/);
  const stopping = second.kill('SIGTERM');
  await eventually('it is gone', async () => !(await onlooker.has('/test/turnservers/two')), 5000);
  await stopping;
  const { text } = await one.get('/v1/relays');
  expect((JSON.parse(text) as { relays: { server: string }[] }).relays.map(({ server }) => server)).toEqual(['one']);
});

test('an agent that is killed and started again has its place back at once, and coturn goes on under it', async () => {
  const home = await agentHome('phoenix');
  const first = await home.start();
  const node = '/test/turnservers/phoenix';
  const owner = async (): Promise<string | undefined> => (await onlooker.stat(node))?.ephemeralOwner.toString('hex');
  await eventually('it is there', () => onlooker.has(node));
  const before = await owner();
  await first.kill('SIGKILL');
  expect(await owner()).toBe(before);
  await home.start();
  await eventually('it is of the new run', async () => ![undefined, before].includes(await owner()), 10_000);
});

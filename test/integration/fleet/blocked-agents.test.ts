import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AgentHome } from '../../support/agent';
import { eventually } from '../../support/eventually';
import { total } from '../../support/exposition-text';
import { TurnClient } from '../../support/turn-client';
import { ZookeeperServer } from '../../support/zookeeper';

let zookeeper: ZookeeperServer;
let homes: AgentHome[];
let clients: TurnClient[];

beforeEach(async () => {
  clients = [];
  homes = [];
  zookeeper = await ZookeeperServer.start();
  for (const server of ['one', 'two']) {
    const registry = { zookeeper: zookeeper.address, server, sessionTimeout: '2s', roundTrips: { every: '1s' } };
    // Asked again and again whether the user is refused, an agent shall not answer that it is too often.
    const credentials = { limits: { perUser: 'unlimited' } };
    const network = { devices: ['lo'], capacityMbps: 1000 };
    const home = await AgentHome.create({}, { registry, credentials, network });
    homes.push(home);
    await home.start();
    await eventually('it is registered', async () => total(await home.page(), 'coturn_registry_registered') === 1);
  }
});

afterEach(async () => {
  for (const client of clients) client.close();
  for (const home of homes) await home.remove();
  await zookeeper.remove();
});

async function openSession(home: AgentHome, user: string): Promise<void> {
  const { username, password } = await home.credential(user);
  const client = await TurnClient.connect(home.ports.turn);
  clients.push(client);
  await client.allocateWith(username, password);
}

async function allocations(home: AgentHome): Promise<number> {
  return total(await home.page(), 'coturn_allocations');
}

async function revoke(home: AgentHome, user: string): Promise<unknown> {
  return (await fetch(`${home.url}/v1/users/${user}`, { method: 'DELETE' })).json();
}

async function isRefused(home: AgentHome, user: string): Promise<boolean> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ user });
  return (await fetch(`${home.url}/v1/credentials`, { method: 'POST', headers, body })).status === 403;
}

test('one revocation ends the sessions of the user on every relay, and no other; no agent gives it a credential', async () => {
  const [one, two] = homes as [AgentHome, AgentHome];
  for (const home of homes) for (const user of ['alice', 'bob']) await openSession(home, user);
  for (const home of homes) await eventually('two sessions', async () => (await allocations(home)) === 2);

  expect(await revoke(one, 'alice')).toMatchObject({ user: 'alice', sessions: 1, allocations: 1, fleet: 'told' });
  await eventually('alice gets none elsewhere', () => isRefused(two, 'alice'));
  for (const home of homes) await eventually('its session has ended', async () => (await allocations(home)) === 1);
  expect(await isRefused(two, 'bob')).toBe(false);
  expect(readFileSync(join(two.dataDir, 'blocked-users.json'), 'utf8')).not.toContain('alice');
  await eventually('round trips are shown', async () => total(await one.page(), 'coturn_fleet_probes_total') > 0);
});

test('an agent that was away when the user was revoked ends its sessions when it is back', async () => {
  const [one, two] = homes as [AgentHome, AgentHome];
  await openSession(two, 'alice');
  await eventually('a session', async () => (await allocations(two)) === 1);
  await two.stopAll('SIGKILL');
  expect(await revoke(one, 'alice')).toMatchObject({ sessions: 0, fleet: 'told' });
  await two.start();
  await eventually('its session has ended', async () => (await allocations(two)) === 0, 10_000);
  expect(await isRefused(two, 'alice')).toBe(true);
});

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { AgentHome } from '../support/agent';
import { eventually } from '../support/eventually';
import { Postgres } from '../support/postgres';
import { TurnClient } from '../support/turn-client';

let postgres: Postgres;
let home: AgentHome;
const clients: TurnClient[] = [];

beforeAll(async () => {
  postgres = await Postgres.start();
  home = await AgentHome.create({}, { usage: { store: postgres.url } });
});
afterAll(async () => {
  for (const client of clients) client.close();
  await home.remove();
  await postgres.remove();
});

async function clientOf(user: string): Promise<TurnClient> {
  const client = await TurnClient.connect(home.ports.turn);
  clients.push(client);
  const { username, password } = await home.credential(user);
  await client.allocateWith(username, password);
  return client;
}

async function recorded(): Promise<string[]> {
  const rows = await postgres.query('SELECT user_id FROM turnkeeper_usage ORDER BY user_id');
  return rows.map((row) => String(row['user_id']));
}

async function waitForRecordOf(user: string): Promise<void> {
  await eventually(`the session of ${user} has its record`, async () => (await recorded()).includes(user), 30_000);
}

test('records that PostgreSQL has are not made once more from the log by an agent that has lost its usage.db', async () => {
  const agent = await home.start();
  const [alice, bob] = [await clientOf('alice'), await clientOf('bob')];
  await alice.refresh(0);
  await waitForRecordOf('alice');
  await agent.kill('SIGKILL');
  for (const suffix of ['', '-wal', '-shm']) rmSync(join(home.dataDir, `usage.db${suffix}`), { force: true });
  const next = await home.start();
  await bob.refresh(0);
  await waitForRecordOf('bob');
  // Its stop waits until all that the log tells is looked into.
  await next.kill('SIGTERM');
  expect(await recorded()).toEqual(['alice', 'bob']);
});

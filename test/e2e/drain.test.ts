import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { AgentHome } from '../support/agent';
import { loggedUsage, type LoggedUsage } from '../support/coturn-usage';
import { eventually } from '../support/eventually';
import { total } from '../support/exposition-text';
import { TurnClient } from '../support/turn-client';
import { uclient } from '../support/uclient';

const MAIN = join(__dirname, '../../dist/main.js');

interface Progress {
  readonly state: string;
  readonly allocations: number;
  readonly sessions: number;
  readonly refusing?: boolean;
  readonly ended?: number;
}

let home: AgentHome;
const clients: TurnClient[] = [];

beforeEach(async () => {
  home = await AgentHome.create();
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await home.remove();
});

async function call(path: string, body?: object): Promise<Progress> {
  const response = await fetch(`${home.url}${path}`, {
    method: 'POST',
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  expect(response.status).toBe(200);
  return (await response.json()) as Progress;
}

async function progress(): Promise<Progress> {
  return JSON.parse((await home.get('/-/drain')).text) as Progress;
}

async function becomes(state: string, ms?: number): Promise<void> {
  await eventually(`the relay is ${state}`, async () => (await progress()).state === state, ms);
}

/** Whoever holds a credential can try it, whatever the agent gives. */
async function allocate(credential: { username: string; password: string }): Promise<TurnClient> {
  const client = await TurnClient.connect(home.ports.turn);
  clients.push(client);
  await client.allocateWith(credential.username, credential.password);
  return client;
}

/** Of the usage record of this user, which is the only one. */
async function recordOf(user: string): Promise<Record<string, unknown>> {
  const rows = (): Record<string, unknown>[] => {
    const file = join(home.dataDir, 'usage.db');
    const db = new Database(file, { readonly: true });
    try {
      return db.prepare('SELECT * FROM usage WHERE user_id = ?').all(user) as Record<string, unknown>[];
    } finally {
      db.close();
    }
  };
  await eventually(`${user} has a record`, () => rows().length > 0);
  expect(rows()).toHaveLength(1);
  return rows()[0] ?? {};
}

function countsOf(record: Record<string, unknown>): LoggedUsage {
  const leg = (name: string): LoggedUsage['client'] => ({
    receivedPackets: Number(record[`${name}_received_packets`]),
    receivedBytes: Number(record[`${name}_received_bytes`]),
    sentPackets: Number(record[`${name}_sent_packets`]),
    sentBytes: Number(record[`${name}_sent_bytes`]),
  });
  return { client: leg('client'), peer: leg('peer') };
}

/** The built program, with what it has said so far. */
function command(...args: string[]): { child: ChildProcess; said: () => string; ended: Promise<number | null> } {
  const child = spawn(process.execPath, [MAIN, 'drain', '--url', home.url, ...args]);
  let text = '';
  for (const output of [child.stdout, child.stderr]) output.on('data', (data: Buffer) => (text += data.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, said: () => text, ended };
}

test('a drain under load: nobody new, those of before go on to their end, and no byte of them is lost', async () => {
  await home.start();
  const late = await home.credential('late');
  const load = await uclient(home, 'load', { transport: 'tcp', clients: 4, messages: 600, everyMs: 10 });
  await eventually('the load is on', async () => total(await home.page(), 'coturn_allocations') >= 4);
  const begun = await call('/-/drain');
  expect(begun).toMatchObject({ state: 'draining', refusing: true, sessions: 1 });
  expect(begun.allocations).toBeGreaterThanOrEqual(4);

  expect(await home.get('/-/ready')).toMatchObject({ status: 503, text: expect.stringContaining('drained') as string });
  const refused = await home.get('/turncredential');
  expect(refused).toMatchObject({ status: 503, text: expect.stringContaining('takes no new clients') as string });
  await expect(allocate(late)).rejects.toThrow('coturn refused method 3');
  const page = await home.page();
  expect(total(page, 'coturn_draining')).toBe(1);
  expect(total(page, 'coturn_up')).toBe(1);

  expect(await load.done).toBe(0);
  await becomes('drained', 30_000);
  expect(await progress()).toMatchObject({ allocations: 0, ended: 0 });
  const record = await recordOf('load');
  expect(record).toMatchObject({ settled: 'exact' });
  expect(countsOf(record)).toEqual(loggedUsage(home.coturnLog(), 'load'));

  expect(await call('/-/undrain')).toMatchObject({ state: 'serving' });
  expect((await home.get('/-/ready')).status).toBe(200);
  await allocate(await home.credential('after'));
  expect(total(await home.page(), 'coturn_draining')).toBe(0);
  expect(total(await home.page(), 'coturn_restarts_total')).toBe(0);
});

test('the deadline ends what is left exactly', async () => {
  await home.start();
  const load = await uclient(home, 'load', { clients: 6, messages: 100_000, everyMs: 5 });
  await eventually('the load is on', async () => total(await home.page(), 'coturn_allocations') >= 6);
  await call('/-/drain', { deadlineSeconds: 1 });
  await becomes('drained');
  await load.stop();
  expect((await progress()).ended).toBeGreaterThanOrEqual(6);
  const record = await recordOf('load');
  expect(record).toMatchObject({ settled: 'exact', end_reason: 'forced' });
  expect(countsOf(record)).toEqual(loggedUsage(home.coturnLog(), 'load'));
});

test('a killed agent goes on draining when it is back, and so does a coturn that crashed; a stop ends the drain', async () => {
  const first = await home.start();
  const credential = await home.credential('alice');
  const client = await allocate(credential);
  await call('/-/drain', { deadlineSeconds: 300 });
  await first.kill('SIGKILL');
  const second = await home.start();
  await client.refresh(600);
  await eventually('its allocation is known', async () => (await progress()).allocations === 1);
  await eventually('coturn is told', async () => (await progress()).refusing === true, 10_000);
  expect((await progress()).state).toBe('draining');
  expect((await home.get('/turncredential')).status).toBe(503);

  const before = home.coturnPid();
  process.kill(before, 'SIGKILL');
  await eventually('another coturn refuses', async () => {
    return home.coturnPid() !== before && (await progress()).refusing === true;
  });
  await expect(allocate(credential)).rejects.toThrow('coturn refused method 3');

  await second.kill('SIGTERM');
  expect(existsSync(join(home.dataDir, 'drain.json'))).toBe(false);
  await home.start();
  expect((await progress()).state).toBe('serving');
  await allocate(credential);
});

test('the command shows how it goes on, leaves the drain going when it is interrupted, and takes it back', async () => {
  await home.start();
  const client = await allocate(await home.credential('alice'));
  await eventually('the agent knows it', async () => (await progress()).allocations === 1);

  const watching = command('--deadline', '5m');
  await eventually('it says what is left', () =>
    /: 1 allocation in 1 session left, for 4m \d\ds at most/.test(watching.said()),
  );
  watching.child.kill('SIGINT');
  expect(await watching.ended).toBe(130);
  expect(watching.said()).toContain('The drain goes on');
  const status = command('--status');
  expect(await status.ended).toBe(0);
  expect(status.said()).toMatch(/^Draining: 1 allocation in 1 session left/);

  const again = command();
  await eventually('it waits', () => again.said().includes('left'));
  await client.refresh(0);
  expect(await again.ended).toBe(0);
  expect(again.said()).toContain('Drained: nothing is left on the relay.');
  const undo = command('--undo');
  expect(await undo.ended).toBe(0);
  expect(undo.said()).toBe('The relay is in service, with 0 allocations in 0 sessions.\n');
});

test('a stop during a drain ends what is left exactly', async () => {
  const agent = await home.start();
  const load = await uclient(home, 'load', { clients: 4, messages: 100_000, everyMs: 5 });
  await eventually('the load is on', async () => total(await home.page(), 'coturn_allocations') >= 4);
  await call('/-/drain');
  await agent.kill('SIGTERM');
  expect(agent.status).toBe(0);
  await load.stop();
  const record = await recordOf('load');
  expect(record).toMatchObject({ settled: 'exact' });
  expect(countsOf(record)).toEqual(loggedUsage(home.coturnLog(), 'load'));
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AgentHome, isAlive } from '../support/agent';
import { eventually } from '../support/eventually';
import { total } from '../support/exposition-text';
import { Garbage } from '../support/garbage';
import { uclient } from '../support/uclient';

/** What printf takes for places in memory where nothing is. */
const PERCENT_NAME = '%s%s%s%n';
/** Telnet's IAC, which begins a command, again and again. */
const TELNET_COMMANDS = Buffer.alloc(5000, 0xff);

let home: AgentHome;

beforeEach(async () => {
  home = await AgentHome.create();
  await home.start();
});

afterEach(async () => {
  await home.remove();
});

test('a client whose user name crashes coturn 4.6.1 (GHSA-4g7c-p5wg-j4hp) ends one life of it, not the service', async () => {
  const pid = home.coturnPid();
  const secrets = readFileSync(join(home.dataDir, 'secrets.json'), 'utf8');
  // The agent hands out no such name; somebody else who knows the secret may.
  const { authSecret } = JSON.parse(secrets) as { authSecret: string };
  const options = [
    '-y',
    '-c',
    '-m',
    '1',
    '-n',
    '1',
    '-p',
    String(home.ports.turn),
    '-u',
    PERCENT_NAME,
    '-W',
    authSecret,
  ];
  const client = spawn('turnutils_uclient', [...options, '127.0.0.1'], { stdio: 'ignore' });
  const ended = once(client, 'exit');
  try {
    await eventually('coturn has crashed', () => !isAlive(pid));
  } finally {
    client.kill('SIGKILL');
    await ended;
  }
  await expectAnotherLife(pid);
});

test('telnet commands that crash the admin interface of coturn 4.6.1, and all of it, end one life of it', async () => {
  const pid = home.coturnPid();
  const garbage = new Garbage();
  try {
    await garbage.pour(home.ports.cli, [TELNET_COMMANDS]);
    await eventually('coturn has crashed', () => !isAlive(pid));
  } finally {
    garbage.stop();
  }
  await expectAnotherLife(pid);
});

test('the agent hands out no credential whose user name would crash coturn', async () => {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ user: PERCENT_NAME });
  expect((await fetch(`${home.url}/v1/credentials`, { method: 'POST', headers, body })).status).toBe(400);
});

async function expectAnotherLife(crashed: number): Promise<void> {
  const isReady = async (): Promise<boolean> => (await home.get('/-/ready')).status === 200;
  await eventually('another coturn is ready', async () => home.coturnPid() !== crashed && (await isReady()), 60_000);
  const page = await home.page();
  expect(total(page, 'coturn_restarts_total', { reason: 'signal' })).toBeGreaterThanOrEqual(1);
  expect(total(page, 'coturn_restarts_total', { reason: 'exit' })).toBe(0);
  const client = await uclient(home, 'alice');
  expect(await client.done).toBe(0);
}

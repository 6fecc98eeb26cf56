import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Config } from '../../../src/config/schema';
import { identityOf } from '../../../src/coturn/process-identity';
import { Supervisor } from '../../../src/coturn/supervisor';
import { withAdmin } from '../../../src/coturn/with-admin';
import { systemClock } from '../../../src/lib/clock';
import {
  loopbackConfig,
  notingHooks,
  openSessions,
  serverOptions,
  temporaryDirectory,
  TEST_SECRETS,
  type Clients,
} from '../../support/coturn';
import { eventually } from '../../support/eventually';
import { freePorts } from '../../support/free-ports';
import { startProgram, type Program } from '../../support/program';

jest.setTimeout(60_000);

let directory: ReturnType<typeof temporaryDirectory>;
let config: Config;
let server: Supervisor;
let hooks: ReturnType<typeof notingHooks>;
let agent: Program | undefined;
let bystander: ChildProcess | undefined;
let clients: Clients | undefined;
let logged: string;

beforeEach(async () => {
  directory = temporaryDirectory();
  config = await loopbackConfig(directory.path);
  hooks = notingHooks();
  logged = '';
  server = newServer();
});

afterEach(async () => {
  await agent?.kill();
  await clients?.stop();
  await server.stop();
  bystander?.kill('SIGKILL');
  agent = bystander = clients = undefined;
  directory.remove();
});

function newServer(): Supervisor {
  const logger = pino({}, { write: (line: string) => { logged += line; } }); // prettier-ignore
  return new Supervisor({ ...serverOptions(config, hooks), logger });
}

/** Starts coturn under another agent, and kills that agent; the value is coturn's pid. */
async function coturnOfAKilledAgent(): Promise<number> {
  agent = await startProgram('supervising-agent.ts', JSON.stringify(config));
  const { life } = JSON.parse(agent.said) as { life: { pid: number } };
  await agent.kill();
  expect(identityOf(life.pid)).toBeDefined();
  return life.pid;
}

/** How many sessions coturn lists. */
async function listedNow(): Promise<number> {
  const access = { port: config.coturn.cliPort, password: TEST_SECRETS.cliPassword };
  const { total } = await withAdmin(access, systemClock, new AbortController().signal, (admin) => admin.sessions());
  return total;
}

const recordFile = (): string => join(directory.path, 'coturn.json');
const record = (): Record<string, unknown> => JSON.parse(readFileSync(recordFile(), 'utf8')) as Record<string, unknown>;
const changeRecord = (change: object): void => { writeFileSync(recordFile(), JSON.stringify({ ...record(), ...change })); }; // prettier-ignore

function pidNow(): number | undefined {
  const state = server.state();
  return state.kind === 'up' ? state.life.pid : undefined;
}

test('the coturn of a killed agent is taken over, not started a second time, and gone after stop()', async () => {
  const pid = await coturnOfAKilledAgent();
  await server.start();
  expect(pidNow()).toBe(pid);
  expect(hooks.notes).toEqual(['taken over 1']);
  await server.stop();
  expect(identityOf(pid)).toBeUndefined();
  expect(hooks.notes).toEqual(['taken over 1', 'ended 1 stopped']);
});

test('what it has under way is found, once; a start finds nothing', async () => {
  await coturnOfAKilledAgent();
  clients = openSessions(config, 4);
  await eventually('the clients have allocations', async () => (await listedNow()) >= 4);
  await server.start();
  await eventually('they are found', () => hooks.found.length > 0, 5000);
  const [found = []] = hooks.found;
  expect(found.length).toBeGreaterThanOrEqual(4);
  for (const { username, transport } of found)
    expect([username, transport]).toEqual([expect.stringMatching(/^\d+:alice$/), 'udp']);
  await server.restart();
  expect(hooks.notes).toEqual(['taken over 1', 'ended 1 requested', 'started 2']);
  expect(hooks.found).toHaveLength(1);
});

test('one that does not say what it has under way is taken over all the same', async () => {
  const pid = await coturnOfAKilledAgent();
  const [nobody] = await freePorts(1);
  changeRecord({ cliPort: nobody });
  await server.start();
  expect(pidNow()).toBe(pid);
  await eventually('the log says so', () => logged.includes('did not say which sessions are under way'));
  expect(hooks.found).toEqual([]);
});

test('one that hangs does not hold the start up with its listing', async () => {
  const pid = await coturnOfAKilledAgent();
  process.kill(pid, 'SIGSTOP');
  await server.start();
  await eventually('the log says so', () => logged.includes('did not say which sessions are under way'));
  process.kill(pid, 'SIGCONT');
  await eventually('it is up again', () => pidNow() === pid);
});

test('a taken over coturn that dies is started again at once', async () => {
  const pid = await coturnOfAKilledAgent();
  await server.start();
  process.kill(pid, 'SIGKILL');
  await eventually('coturn is up again', () => ![pid, undefined].includes(pidNow()), 5000);
  expect(hooks.notes).toEqual(['taken over 1', 'ended 1 exit', 'started 2']);
});

test('one that was started just before the agent died, and not recorded any more, is found', async () => {
  const pid = await coturnOfAKilledAgent();
  changeRecord({ process: null });
  await server.start();
  expect(pidNow()).toBe(pid);
});

test('one whose stop had begun is ended, because it takes no sessions any more, and another started', async () => {
  const pid = await coturnOfAKilledAgent();
  changeRecord({ ending: true });
  await server.start();
  expect(identityOf(pid)).toBeUndefined();
  expect(hooks.notes).toEqual(['taken over 1', 'ended 1 stopped', 'started 2']);
});

test('a changed configuration is not applied by a take-over, and the log says so', async () => {
  const pid = await coturnOfAKilledAgent();
  Object.assign(config.coturn, { realm: 'another.example' });
  await server.start();
  expect(pidNow()).toBe(pid);
  expect(logged).toContain('a restart will apply the new one');
});

test('release() leaves coturn running, for the next agent, and a stop() after it too', async () => {
  await server.start();
  const pid = pidNow();
  await server.release();
  await server.stop();
  expect(server.state().kind).toBe('stopped');
  server = newServer();
  await server.start();
  expect(pidNow()).toBe(pid);
  expect(hooks.notes).toEqual(['started 1', 'taken over 1']);
});

test('a process that got the pid of a dead coturn is left alone', async () => {
  await server.start();
  await server.stop();
  bystander = spawn('sleep', ['60'], { stdio: 'ignore' });
  const identity = identityOf(bystander.pid ?? 0);
  changeRecord({ process: { ...identity, startTicks: (identity?.startTicks ?? 0) - 1 } });
  server = newServer();
  await server.start();
  expect(pidNow()).not.toBe(bystander.pid);
  await server.stop();
  expect(bystander.signalCode).toBeNull();
  expect(identityOf(bystander.pid ?? 0)).toEqual(identity);
});

test('a process of before the last boot is not taken for coturn', async () => {
  bystander = spawn('sleep', ['60'], { stdio: 'ignore' });
  await server.start();
  await server.stop();
  changeRecord({ process: { ...identityOf(bystander.pid ?? 0), bootId: 'another' } });
  server = newServer();
  await server.start();
  expect(pidNow()).not.toBe(bystander.pid);
});

test('after a damaged record no number comes again', async () => {
  await server.start();
  await server.stop();
  writeFileSync(recordFile(), '{"number":');
  server = newServer();
  await server.start();
  const state = server.state();
  expect(state.kind === 'up' && state.life.number).toBeGreaterThan(1_000_000);
});

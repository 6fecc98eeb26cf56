import { systemClock } from '../../../src/lib/clock';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../../src/config/schema';
import { identityOf } from '../../../src/coturn/process-identity';
import type { CoturnLife } from '../../../src/coturn/server';
import { Supervisor } from '../../../src/coturn/supervisor';
import { loopbackConfig, notingHooks, serverOptions, temporaryDirectory, TEST_SECRETS } from '../../support/coturn';
import { eventually } from '../../support/eventually';

jest.setTimeout(60_000);

let directory: ReturnType<typeof temporaryDirectory>;
let hooks: ReturnType<typeof notingHooks>;
let config: Config;
let server: Supervisor;

beforeEach(() => {
  directory = temporaryDirectory();
  hooks = notingHooks();
});

afterEach(async () => {
  await server.stop();
  directory.remove();
});

async function start(coturn: object = {}): Promise<CoturnLife & { pid: number }> {
  config = await loopbackConfig(directory.path, coturn);
  server = new Supervisor(serverOptions(config, hooks));
  await server.start();
  return upLife();
}

function upLife(): CoturnLife & { pid: number } {
  const state = server.state();
  if (state.kind !== 'up' || state.life.pid === undefined) throw new Error(`coturn is ${state.kind}`);
  return { ...state.life, pid: state.life.pid };
}

const isUpAgain = (pid: number) => (): boolean => {
  const state = server.state();
  return state.kind === 'up' && state.life.pid !== pid;
};

test('coturn is up when start() resolves, and gone when stop() does', async () => {
  const { pid, version } = await start();
  expect(version).toMatch(/^4\.\d+\.\d+$/);
  expect(identityOf(pid)).toBeDefined();
  await server.stop();
  expect(identityOf(pid)).toBeUndefined();
  expect(server.state()).toEqual({ kind: 'stopped' });
  expect(hooks.notes).toEqual(['started 1', 'ended 1 stopped']);
});

test('no secret stands in the arguments, in the environment, or in a file that others may read', async () => {
  process.env['TURNKEEPER_TEST_SECRET'] = TEST_SECRETS.authSecret;
  const { pid } = await start();
  delete process.env['TURNKEEPER_TEST_SECRET'];
  const seen = ['cmdline', 'environ'].map((file) => readFileSync(`/proc/${pid}/${file}`, 'utf8')).join('');
  for (const secret of Object.values(TEST_SECRETS)) expect(seen).not.toContain(secret);
  for (const file of ['turnserver.conf', 'turnserver.log', 'turnserver.out', 'coturn.json']) {
    expect(statSync(join(directory.path, file)).mode & 0o077).toBe(0);
  }
});

test('a killed coturn is up again at once, with a new pid and the next life', async () => {
  const { pid } = await start();
  const killed = performance.now();
  process.kill(pid, 'SIGKILL');
  await eventually('coturn is up again', isUpAgain(pid), 5000);
  process.stderr.write(`up again ${Math.round(performance.now() - killed)} ms after SIGKILL\n`);
  expect(upLife().number).toBe(2);
  expect(server.restarts()).toEqual({ exit: 0, signal: 1, unresponsive: 0, requested: 0 });
  expect(hooks.notes).toEqual(['started 1', 'ended 1 signal', 'started 2']);
});

test('a hung coturn is killed and started again', async () => {
  const { pid } = await start({ unresponsiveAfter: '600ms' });
  process.kill(pid, 'SIGSTOP');
  await eventually('it is seen to be silent', () => server.state().kind === 'silent');
  await eventually('coturn is up again', isUpAgain(pid));
  expect(identityOf(pid)).toBeUndefined();
  expect(server.restarts().unresponsive).toBe(1);
  expect(hooks.notes).toContain('ended 1 unresponsive');
});

test('a coturn that answers nothing but sends heartbeats is not killed', async () => {
  hooks = { ...hooks, lastHeartbeat: () => systemClock.monotonic() };
  const { pid } = await start({ unresponsiveAfter: '300ms' });
  process.kill(pid, 'SIGSTOP');
  await eventually('it is seen to be silent', () => server.state().kind === 'silent');
  const silent = performance.now();
  await eventually('three times the limit passes', () => performance.now() - silent > 900);
  process.kill(pid, 'SIGCONT');
  await eventually('it answers again', () => server.state().kind === 'up');
  expect(upLife().pid).toBe(pid);
});

test('a requested restart gives a new process and is no failure', async () => {
  const { pid } = await start();
  await server.restart();
  expect(upLife().pid).not.toBe(pid);
  expect(server.restarts()).toEqual({ exit: 0, signal: 0, unresponsive: 0, requested: 1 });
  expect(hooks.notes).toEqual(['started 1', 'ended 1 requested', 'started 2']);
});

test('a hung coturn is gone all the same when stop() resolves', async () => {
  const { pid } = await start({ stopTimeout: '300ms' });
  process.kill(pid, 'SIGSTOP');
  await server.stop();
  expect(identityOf(pid)).toBeUndefined();
});

test('a crash loop is visible: state, failures, message, and backs off', async () => {
  const { pid } = await start();
  // Its certificate directory gone, a later start fails: here the simplest is a binary that is gone.
  Object.assign(config.coturn, { binary: join(directory.path, 'gone') });
  process.kill(pid, 'SIGKILL');
  await eventually('two starts failed', () => {
    const state = server.state();
    return state.kind === 'restarting' && state.failures >= 2;
  });
  expect(server.state()).toMatchObject({ kind: 'restarting', reason: 'signal', message: /not installed/ });
});

import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { AgentHome, isAlive } from '../support/agent';
import { loggedUsage } from '../support/coturn-usage';
import { eventually } from '../support/eventually';
import { total } from '../support/exposition-text';
import { uclient } from '../support/uclient';

const run = promisify(execFile);
let home: AgentHome;

afterEach(async () => {
  await home.remove();
});

const isReady = async (): Promise<boolean> => (await home.get('/-/ready')).status === 200;
const relayedBytes = async (): Promise<number> => total(await home.page(), 'coturn_relay_peer_received_bytes_total');
/** Long enough to outlast what the test does to the relay. */
const LOAD = { clients: 10, messages: 3000, bytes: 500, everyMs: 5 };

test('coturn killed under load is running again at once, and what was open is counted as lost', async () => {
  home = await AgentHome.create();
  await home.start();
  const pid = home.coturnPid();
  const load = await uclient(home, 'load', LOAD);
  await eventually('traffic is counted', async () => (await relayedBytes()) > 0, 60_000);
  const before = await relayedBytes();
  process.kill(pid, 'SIGKILL');
  const killedAt = performance.now();
  await eventually('another coturn is ready', async () => home.coturnPid() !== pid && (await isReady()));
  expect(performance.now() - killedAt).toBeLessThan(2000);
  await load.stop();
  await eventually('the loss is counted', async () => {
    const page = await home.page();
    return total(page, 'coturn_allocations_closed_total', { reason: 'lost' }) >= LOAD.clients;
  });
  const page = await home.page();
  expect(total(page, 'coturn_restarts_total', { reason: 'signal' })).toBe(1);
  expect(total(page, 'coturn_relay_peer_received_bytes_total')).toBeGreaterThanOrEqual(before);
  const again = await uclient(home, 'again');
  expect(await again.done).toBe(0);
});

test('a coturn that hangs is killed and started again', async () => {
  home = await AgentHome.create({ unresponsiveAfter: '2s' });
  await home.start();
  const pid = home.coturnPid();
  process.kill(pid, 'SIGSTOP');
  await eventually('it is not ready', async () => !(await isReady()), 30_000);
  await eventually('another coturn is ready', async () => home.coturnPid() !== pid && (await isReady()), 30_000);
  expect(isAlive(pid)).toBe(false);
  expect(total(await home.page(), 'coturn_restarts_total', { reason: 'unresponsive' })).toBe(1);
});

test('after SIGKILL of the agent under load coturn relays on; the next agent takes it over and counts on', async () => {
  home = await AgentHome.create();
  const first = await home.start();
  const pid = home.coturnPid();
  const load = await uclient(home, 'load', LOAD);
  await eventually('traffic is counted', async () => (await relayedBytes()) > 0, 60_000);
  await first.kill('SIGKILL');
  expect(isAlive(pid)).toBe(true);
  await home.start();
  expect(home.coturnPid()).toBe(pid);
  await eventually('the load is seen again', async () => (await relayedBytes()) > 0, 60_000);
  const page = await home.page();
  expect(total(page, 'coturn_allocations')).toBeGreaterThanOrEqual(LOAD.clients);
  await load.stop();
  const other = await uclient(home, 'other');
  expect(await other.done).toBe(0);
  await eventually(
    'the new allocations are closed',
    async () => total(await home.page(), 'coturn_allocations') === 0,
    60_000,
  );
  // Sessions after the take-over are exact; of those under way at the time it knows what passed since.
  expect(loggedUsage(home.coturnLog(), 'other').peer.receivedBytes).toBeGreaterThan(0);
  expect(total(await home.page(), 'coturn_restarts_total')).toBe(0);
});

test('SIGTERM ends every session so that coturn tells its totals, then coturn, then the agent', async () => {
  home = await AgentHome.create();
  const agent = await home.start();
  const pid = home.coturnPid();
  const load = await uclient(home, 'load', LOAD);
  await eventually('allocations are open', async () => total(await home.page(), 'coturn_allocations') >= LOAD.clients);
  await agent.kill('SIGTERM');
  expect(agent.status).toBe(0);
  expect(isAlive(pid)).toBe(false);
  await load.stop();
  const closed = home.coturnLog().match(/reason: Forceful shutdown/g) ?? [];
  expect(closed.length).toBeGreaterThanOrEqual(LOAD.clients);
});

test('SIGUSR2 ends the agent and leaves coturn running, for the next to take over', async () => {
  home = await AgentHome.create();
  const first = await home.start();
  const pid = home.coturnPid();
  await first.kill('SIGUSR2');
  expect(first.status).toBe(0);
  expect(isAlive(pid)).toBe(true);
  const second = await home.start();
  await eventually('it is ready', isReady);
  expect(home.coturnPid()).toBe(pid);
  await second.kill('SIGTERM');
  expect(isAlive(pid)).toBe(false);
});

test('a second signal exits at once', async () => {
  home = await AgentHome.create({ stopTimeout: '60s' });
  const agent = await home.start();
  process.kill(home.coturnPid(), 'SIGSTOP');
  agent.signal('SIGTERM');
  await eventually('it says that it stops', () => agent.output.includes('stopping'));
  expect(agent.hasEnded).toBe(false);
  agent.signal('SIGTERM');
  await agent.ended();
  expect(agent.status).toBe(1);
});

test('a second agent on the data directory refuses, and says who holds it', async () => {
  home = await AgentHome.create();
  await home.start();
  const second = await home.start();
  await second.ended();
  expect(second.status).toBe(1);
  expect(second.output).toMatch(/Another turnkeeper uses the data directory .* \(pid \d+, since /);
  expect(await isReady()).toBe(true);
});

test.each([
  ['a binary that is missing', { binary: '/nowhere/turnserver' }, /install/],
  ['a certificate that is none', { cert: '/etc/hostname', pkey: '/etc/hostname' }, /cert/],
])('%s ends the start with one sentence and status 2', async (_, coturn, sentence) => {
  home = await AgentHome.create(coturn);
  const agent = await home.start();
  await agent.ended();
  expect(agent.status).toBe(2);
  const said = agent.output.split('\n').filter((line) => line.startsWith('turnkeeper: '));
  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(sentence);
});

test('a coturn that somebody else runs is measured, and left alone', async () => {
  home = await AgentHome.create({ supervise: false });
  const agent = await home.start();
  const secrets = JSON.parse(await readSecrets()) as { statsdbPassword: string };
  const { turn, statsdb } = home.ports;
  const statsdbString = `ip=127.0.0.1 dbname=7 password=${secrets.statsdbPassword} port=${statsdb} connect_timeout=30`;
  const coturn = spawn(
    'turnserver',
    ['-n', '-L', '127.0.0.1', '-p', String(turn), '--no-tls', '--no-dtls', '--no-cli', '--allow-loopback-peers']
      .concat(['-a', '-u', 'u:p', '-r', 'elsewhere', '--redis-statsdb', statsdbString, '--relay-threads', '2'])
      .concat([
        '-l',
        `${home.path}/other.log`,
        '--simple-log',
        '--pidfile',
        `${home.path}/other.pid`,
        '-b',
        `${home.path}/db`,
      ]),
    { stdio: 'ignore', cwd: home.path },
  );
  try {
    await eventually('it is seen', isReady, 30_000);
    await run('turnutils_uclient', [...'-y -c -m 2 -n 10 -l 100 -u u -w p -p'.split(' '), String(turn), '127.0.0.1']);
    await eventually('its traffic is counted', async () => {
      return total(await home.page(), 'coturn_relay_peer_received_bytes_total', { realm: 'elsewhere' }) >= 2000;
    });
    await agent.kill('SIGTERM');
    expect(coturn.exitCode).toBeNull();
  } finally {
    coturn.kill('SIGKILL');
  }
});

function readSecrets(): Promise<string> {
  return run('cat', [`${home.dataDir}/secrets.json`]).then(({ stdout }) => stdout);
}

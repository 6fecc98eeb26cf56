import { execFile, spawn } from 'node:child_process';
import { isDeepStrictEqual, promisify } from 'node:util';
import { withAdmin } from '../../src/coturn/with-admin';
import { systemClock } from '../../src/lib/clock';
import { TRANSPORTS, type Transport } from '../../src/turn/transport';
import { AgentHome, isAlive } from '../support/agent';
import { selfSigned, temporaryDirectory } from '../support/coturn';
import { loggedUsage } from '../support/coturn-usage';
import { eventually } from '../support/eventually';
import { total } from '../support/exposition-text';
import { uclient, UCLIENT_FLAGS, type Traffic, type Uclient, type UclientTransport } from '../support/uclient';

const run = promisify(execFile);
let home: AgentHome;
const loads: Uclient[] = [];
const certificates = temporaryDirectory();

afterEach(async () => {
  await Promise.all(loads.splice(0).map((load) => load.stop()));
  await home.remove();
});

afterAll(() => {
  certificates.remove();
});

const isReady = async (): Promise<boolean> => (await home.get('/-/ready')).status === 200;
const relayedBytes = async (): Promise<number> => total(await home.page(), 'coturn_relay_peer_received_bytes_total');
/** Long enough to outlast what the test does to the relay. */
const LOAD = { clients: 10, messages: 10_000, bytes: 500, everyMs: 5 };

/** Clients that end with the test at the latest. */
async function startLoad(user: string, traffic: Traffic): Promise<Uclient> {
  const load = await uclient(home, user, traffic);
  loads.push(load);
  return load;
}

type Open = Record<Transport, number>;
const countBy = (count: (transport: Transport) => number): Open =>
  Object.fromEntries(TRANSPORTS.map((transport) => [transport, count(transport)])) as Open;

/** The open allocations, as the agent shows them. */
async function openNow(): Promise<Open> {
  const page = await home.page();
  return countBy((transport) => total(page, 'coturn_allocations', { transport }));
}

/** The same, as coturn lists them. */
async function listedNow(): Promise<Open> {
  const { cliPassword } = JSON.parse(await readSecrets()) as { cliPassword: string };
  const access = { port: home.ports.cli, password: cliPassword };
  const { signal } = new AbortController();
  const { sessions } = await withAdmin(access, systemClock, signal, (admin) => admin.sessions());
  return countBy((transport) => sessions.filter((session) => session.transport === transport).length);
}

test.each(['logfmt', 'json'])(
  'an agent whose log (%s) nobody reads any more goes on, and a Ctrl-C still ends coturn with it',
  async (format) => {
    home = await AgentHome.create({}, { log: { format } });
    const agent = await home.start();
    await eventually('it is ready', isReady);
    const coturn = home.coturnPid();
    agent.hangUp();
    await home.credential('alice'); // which is logged
    await home.credential('alice');
    expect(await isReady()).toBe(true);
    await agent.kill('SIGINT');
    expect([agent.status, isAlive(coturn)]).toEqual([0, false]);
  },
);

test('coturn killed under load is running again at once, and what was open is counted as lost', async () => {
  home = await AgentHome.create();
  await home.start();
  const pid = home.coturnPid();
  const load = await startLoad('load', LOAD);
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

test('after SIGKILL of the agent under load coturn relays on; the next agent knows what is open, and counts on', async () => {
  home = await AgentHome.create();
  const first = await home.start();
  const pid = home.coturnPid();
  const load = await startLoad('load', LOAD);
  await eventually('traffic is counted', async () => (await relayedBytes()) > 0, 60_000);
  await first.kill('SIGKILL');
  expect(isAlive(pid)).toBe(true);
  await home.start();
  expect(home.coturnPid()).toBe(pid);
  await eventually('every client is known', async () => (await openNow()).udp >= LOAD.clients, 10_000);
  const known = await home.page();
  expect(await openNow()).toMatchObject({ tcp: 0, tls: 0, dtls: 0, other: 0 });
  expect([total(known, 'coturn_sessions'), total(known, 'coturn_users')]).toEqual([1, 1]);
  await eventually('the load is seen again', async () => (await relayedBytes()) > 0, 60_000);
  await load.stop();
  const other = await uclient(home, 'other', { transport: 'tcp' });
  expect(await other.done).toBe(0);
  await eventually('all is closed', async () => total(await home.page(), 'coturn_allocations') === 0, 60_000);
  const page = await home.page();
  const closed = (labels: Record<string, string>): number => total(page, 'coturn_allocations_closed_total', labels);
  expect(closed({ transport: 'udp' })).toBeGreaterThanOrEqual(LOAD.clients);
  expect([closed({ reason: 'lost' }), closed({ reason: 'stale' })]).toEqual([0, 0]);
  // What began after the take-over is exact; of what was under way only that which passed since is known.
  const exact = loggedUsage(home.coturnLog(), 'other').peer.receivedBytes;
  expect(exact).toBeGreaterThan(0);
  expect(total(page, 'coturn_relay_peer_received_bytes_total', { transport: 'tcp' })).toBe(exact);
  expect(total(page, 'coturn_allocations_created_total', { transport: 'udp' })).toBe(0);
  expect(total(page, 'coturn_restarts_total')).toBe(0);
});

test('SIGTERM ends every session so that coturn tells its totals, then coturn, then the agent', async () => {
  home = await AgentHome.create();
  const agent = await home.start();
  const pid = home.coturnPid();
  const load = await startLoad('load', LOAD);
  await eventually('allocations are open', async () => total(await home.page(), 'coturn_allocations') >= LOAD.clients);
  await agent.kill('SIGTERM');
  expect(agent.status).toBe(0);
  expect(isAlive(pid)).toBe(false);
  await load.stop();
  const closed = home.coturnLog().match(/reason: Forceful shutdown/g) ?? [];
  expect(closed.length).toBeGreaterThanOrEqual(LOAD.clients);
});

test('SIGUSR2 ends the agent and leaves coturn running; the next knows at once what coturn has, over each transport', async () => {
  home = await AgentHome.create({ ...(await selfSigned(certificates.path, 'turn')), extra: { 'relay-threads': 2 } });
  const first = await home.start();
  const pid = home.coturnPid();
  const transports = Object.keys(UCLIENT_FLAGS) as UclientTransport[];
  await Promise.all(transports.map((transport) => startLoad(transport, { ...LOAD, transport, everyMs: 100 })));
  const all = (open: Open): boolean => transports.every((transport) => open[transport] >= LOAD.clients);
  await eventually('the clients have their allocations', async () => all(await listedNow()), 60_000);
  await first.kill('SIGUSR2');
  expect(first.status).toBe(0);
  expect(isAlive(pid)).toBe(true);
  const second = await home.start();
  await eventually('it is ready', isReady);
  expect(home.coturnPid()).toBe(pid);
  await eventually('it knows them', async () => isDeepStrictEqual(await openNow(), await listedNow()), 10_000);
  expect(all(await openNow())).toBe(true);
  const page = await home.page();
  expect([total(page, 'coturn_sessions'), total(page, 'coturn_users')]).toEqual([4, 4]);
  await second.kill('SIGTERM');
  expect(isAlive(pid)).toBe(false);
});

test('a second signal exits at once', async () => {
  home = await AgentHome.create({ stopTimeout: '60s' });
  const agent = await home.start();
  process.kill(home.coturnPid(), 'SIGSTOP');
  agent.signal('SIGTERM');
  await eventually('it says that it stops', () => agent.output.includes('stopping'));
  await eventually('it is not ready', async () => (await home.get('/-/ready')).text.includes('no new allocations'));
  expect(total(await home.page(), 'coturn_draining')).toBe(1);
  expect(agent.hasEnded).toBe(false);
  agent.signal('SIGTERM');
  await agent.ended();
  expect(agent.status).toBe(1);
});

test('a second agent on the data directory refuses, and says who holds it', async () => {
  home = await AgentHome.create();
  await home.start();
  const second = await home.startOrEnd();
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
  const agent = await home.startOrEnd();
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

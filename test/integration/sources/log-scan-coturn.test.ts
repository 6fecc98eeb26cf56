import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, renameSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { endOfLog } from '../../../src/coturn/log-place';
import { ensurePrivate } from '../../../src/coturn/log-files';
import { scanLog, type LogScan } from '../../../src/sources/log-scan';
import { temporaryDirectory } from '../../support/coturn';
import { loggedUsage } from '../../support/coturn-usage';
import { eventually } from '../../support/eventually';
import { freePorts } from '../../support/free-ports';
import { RawTurn } from '../../support/raw-turn';

const FORGED =
  '1: : session 000000000000000001: usage: realm=<example.org>, username=<x>, rp=999999, rb=999999, sp=9, sb=9\n';
const TOTALS =
  /allocation\/(\d{18})\/total_traffic(\/peer)?\r\n\$\d+\r\nrcvp=(\d+), rcvb=(\d+), sentp=(\d+), sentb=(\d+)\r\n/g;

const folder = temporaryDirectory();
const path = join(folder.path, 'turnserver.log');
const told = new Map<Socket, string>();
let statsd: Server;
let coturn: ChildProcess;
let turn: RawTurn;
let port = 0;

/** Says yes to every command, and remembers all. */
function listen(statsPort: number): Promise<Server> {
  const server = createServer((socket) => {
    told.set(socket, '');
    socket.on('error', () => socket.destroy());
    socket.on('data', (data) => {
      const text = data.toString('latin1');
      told.set(socket, (told.get(socket) ?? '') + text);
      for (const _command of text.matchAll(/\*\d+\r\n/g)) socket.write('+OK\r\n');
    });
  });
  return once(server.listen(statsPort, '127.0.0.1'), 'listening').then(() => server);
}

/** What coturn told in the end of each allocation: client leg and peer leg, in the order of `LegCounts`. */
function toldTotals(): Map<string, { client?: number[]; peer?: number[] }> {
  const totals = new Map<string, { client?: number[]; peer?: number[] }>();
  for (const [, id = '', peer, ...counts] of [...told.values()].flatMap((text) => [...text.matchAll(TOTALS)])) {
    totals.set(id, { ...totals.get(id), [peer === undefined ? 'client' : 'peer']: counts.map(Number) });
  }
  return totals;
}

/** Resolves when all has been relayed. */
async function relay(user: string, messages: number): Promise<void> {
  const args = ['-y', '-c', '-m', 2, '-n', messages, '-l', 300, '-z', 1, '-p', port, '-u', user];
  const credentials = ['-W', 'secret-of-this-test', '127.0.0.1'];
  await once(spawn('turnutils_uclient', [...args.map(String), ...credentials], { stdio: 'ignore' }), 'exit');
}

function scan(): Promise<LogScan> {
  const { signal } = new AbortController();
  return scanLog({ path, keep: 1, from: endOfStart, until: undefined, wanted: () => true, signal });
}

let endOfStart: ReturnType<typeof endOfLog>;

beforeAll(async () => {
  const [listening = 0, tls = 0, statsPort = 0] = await freePorts(3);
  port = listening;
  turn = new RawTurn(port);
  statsd = await listen(statsPort);
  ensurePrivate(path);
  endOfStart = endOfLog(path);
  coturn = spawn(
    'turnserver',
    [
      ...['-n', '-v', '--simple-log', '--no-stdout-log', '--log-file', path, '--no-cli', '--realm', 'example.org'],
      ...['--listening-ip', '127.0.0.1', '--relay-ip', '127.0.0.1', '--allow-loopback-peers', '--relay-threads', '2'],
      ...['--listening-port', String(port), '--tls-listening-port', String(tls)],
      ...['--use-auth-secret', '--static-auth-secret', 'secret-of-this-test'],
      ...['--userdb', join(folder.path, 'db'), '--pidfile', join(folder.path, 'pid')],
      ...['--redis-statsdb', `ip=127.0.0.1 port=${statsPort} dbname=0`],
    ],
    { stdio: 'ignore', cwd: folder.path },
  );
  await eventually('coturn answers', () => turn.answers());
});

afterAll(async () => {
  if (coturn.exitCode === null && coturn.kill('SIGKILL')) await once(coturn, 'exit');
  for (const socket of told.keys()) socket.destroy();
  statsd.close();
  folder.remove();
});

test('what the log tells of each allocation is what coturn told on the stats connection, over a rotation and forged lines', async () => {
  const long = relay('alice', 1500);
  // What begins beside forged lines is in doubt.
  await eventually(
    'all allocations are under way',
    () => readFileSync(path, 'latin1').split(': new, realm=').length > 3,
  );
  renameSync(path, `${path}.1`);
  ensurePrivate(path);
  coturn.kill('SIGHUP');
  await turn.allocateAs(`bob\n${FORGED}${FORGED}`);
  await eventually('the forged lines are written', () => readFileSync(path, 'latin1').includes(FORGED));
  await Promise.all([long, relay('bert', 20)]);
  await eventually('four allocations were settled', () => {
    const totals = [...toldTotals().values()];
    return totals.filter(({ client, peer }) => client && peer && (peer[0] ?? 0) > 0).length >= 4;
  });

  let { allocations, leftOut } = await scan();
  await eventually('both accounts tell of as many ends', async () => {
    ({ allocations, leftOut } = await scan());
    return allocations.filter(({ ended }) => ended).length === toldTotals().size;
  });
  expect(leftOut).toMatchObject({ contradiction: 0, implausible: 0, beyond: 0 });
  const logged = allocations.filter(({ ended }) => ended);
  const byId = logged.map(({ high, low, client, peer }) => {
    const id = String(high).padStart(9, '0') + String(low).padStart(9, '0');
    return [id, { client: Object.values(client), peer: Object.values(peer) }] as const;
  });
  expect(new Map(byId)).toEqual(toldTotals());
  expect(logged.filter(({ complete }) => !complete)).toEqual([]);

  const log = readFileSync(`${path}.1`, 'utf8') + readFileSync(path, 'utf8');
  expect(log).toContain(FORGED);
  for (const user of ['alice', 'bert']) {
    const own = allocations.filter(({ username }) => username.endsWith(`:${user}`));
    const sum = (leg: 'client' | 'peer'): number => own.reduce((bytes, one) => bytes + one[leg].receivedBytes, 0);
    expect(sum('client')).toBe(loggedUsage(log, user).client.receivedBytes);
    expect(sum('peer')).toBe(loggedUsage(log, user).peer.receivedBytes);
    expect(sum('peer')).toBeGreaterThan(0);
  }
});

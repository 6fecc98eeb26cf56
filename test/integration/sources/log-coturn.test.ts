import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { renameSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { pino } from 'pino';
import type { LogCounts } from '../../../src/coturn/log-counts';
import { systemClock } from '../../../src/lib/clock';
import { LogTail } from '../../../src/sources/log-tail';
import { selfSigned, temporaryDirectory } from '../../support/coturn';
import { eventually } from '../../support/eventually';
import { freePorts } from '../../support/free-ports';
import { CLIENT_HELLO_OF_NOISE } from '../../support/hostile-bytes';
import { RawTurn } from '../../support/raw-turn';

const FORGED =
  '12: : session 000000000000000003: realm <r> user <alice>: incoming packet ALLOCATE processed, error 508: Insufficient Capacity\n';

const folder = temporaryDirectory();
const path = join(folder.path, 'turnserver.log');
const tail = new LogTail({ path, clock: systemClock, logger: pino({ level: 'silent' }) });
const counts: LogCounts = tail.counts;
let coturn: ChildProcess;
let turn: RawTurn;
let tlsPort = 0;

beforeAll(async () => {
  const [port = 0, tls = 0] = await freePorts(2);
  turn = new RawTurn(port);
  tlsPort = tls;
  const { cert, pkey } = await selfSigned(folder.path, 'turn');
  coturn = spawn(
    'turnserver',
    [
      ...['-n', '-v', '--simple-log', '--no-stdout-log', '--log-file', path, '--no-cli', '--realm', 'example.org'],
      ...['--listening-ip', '127.0.0.1', '--relay-ip', '127.0.0.1', '--cert', cert, '--pkey', pkey],
      ...['--listening-port', String(port), '--tls-listening-port', String(tlsPort)],
      ...['--use-auth-secret', '--static-auth-secret', 'secret-of-this-test'],
      ...['--userdb', join(folder.path, 'db'), '--pidfile', join(folder.path, 'pid')],
    ],
    { stdio: 'ignore', cwd: folder.path },
  );
  await tail.start();
  await eventually('coturn answers', () => turn.answers());
});

afterAll(async () => {
  await tail.stop();
  if (coturn.exitCode === null && coturn.kill('SIGKILL')) await once(coturn, 'exit');
  folder.remove();
});

test('a refused credential and an expired one are counted; the challenges before them are not', async () => {
  await turn.allocateAs('1999999999:bob');
  await turn.allocateAs('1000000000:bob');
  await eventually('both are counted', () => counts.authFailures.expired === 1);
  expect(counts.authFailures).toMatchObject({ unknown: 1, expired: 1 });
  expect(counts.stunErrors.get('other')?.get('401')).toBe(2);
});

test('lines forged by clients without any credential move no other counter', async () => {
  const before = new Map(counts.stunErrors);
  await turn.allocateAs(`bob\n${FORGED}${FORGED}`);
  await turn.allocateWithOrigin(`x y\n${FORGED}`);
  await eventually('the forged lines were seen', () => counts.ignored.doubtful >= 3);
  expect(counts.authFailures.malformed).toBe(1);
  expect(counts.stunErrors.get('allocate')).toBeUndefined();
  expect(counts.stunErrors).toEqual(before);
});

test('handshakes that fail are counted by protocol', async () => {
  const client = connect(tlsPort, '127.0.0.1');
  const openssl = spawn(
    'openssl',
    ['s_client', '-dtls', '-cipher', 'NULL:@SECLEVEL=0', '-connect', `127.0.0.1:${tlsPort}`],
    { stdio: 'ignore' },
  );
  try {
    client.on('error', () => client.destroy());
    client.write(CLIENT_HELLO_OF_NOISE);
    await eventually('the TLS handshake is counted', () => counts.handshakeFailures.tls === 1, 4000);
    await eventually('the DTLS handshake is counted', () => counts.handshakeFailures.dtls >= 1, 4000);
  } finally {
    client.destroy();
    if (openssl.exitCode === null && openssl.kill('SIGKILL')) await once(openssl, 'exit');
  }
});

test('the log is followed when it is rotated and coturn is told to open it again', async () => {
  const { unknown } = counts.authFailures;
  await turn.allocateAs('1999999999:carol');
  renameSync(path, `${path}.1`);
  await turn.allocateAs('1999999999:carol');
  coturn.kill('SIGHUP');
  await eventually('coturn opened a new log', async () => {
    await turn.allocateAs('1999999999:dave');
    return counts.authFailures.unknown >= unknown + 3 && tail.problem === undefined;
  });
});

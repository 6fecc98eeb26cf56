import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { renameSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { pino } from 'pino';
import type { LogCounts } from '../../../src/coturn/log-counts';
import { systemClock } from '../../../src/lib/clock';
import { LogTail } from '../../../src/sources/log-tail';
import { decodeStunMessage, encodeStunMessage, type StunAttribute } from '../../../src/turn/stun-message';
import { selfSigned, temporaryDirectory } from '../../support/coturn';
import { eventually } from '../../support/eventually';
import { freePorts } from '../../support/free-ports';

const ALLOCATE = 0x003;
const USERNAME = 0x0006;
const MESSAGE_INTEGRITY = 0x0008;
const REALM = 0x0014;
const NONCE = 0x0015;
const REQUESTED_TRANSPORT = 0x0019;
const ORIGIN = 0x802f;
const UDP: StunAttribute = { type: REQUESTED_TRANSPORT, value: Buffer.from([17, 0, 0, 0]) };

/** A TLS record with a ClientHello whose extensions and ciphers are noise. */
const CLIENT_HELLO_OF_NOTHING = Buffer.concat([Buffer.from('16030100400100003c0303', 'hex'), randomBytes(58)]);

const FORGED =
  '12: : session 000000000000000003: realm <r> user <alice>: incoming packet ALLOCATE processed, error 508: Insufficient Capacity\n';

const folder = temporaryDirectory();
const path = join(folder.path, 'turnserver.log');
const tail = new LogTail({ path, clock: systemClock, logger: pino({ level: 'silent' }) });
const counts: LogCounts = tail.counts;
let coturn: ChildProcess;
let port = 0;
let tlsPort = 0;

beforeAll(async () => {
  [port = 0, tlsPort = 0] = await freePorts(2);
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
  await eventually('coturn answers', async () => {
    const challenged = await challenge();
    challenged?.socket.close();
    return challenged !== undefined;
  });
});

afterAll(async () => {
  await tail.stop();
  if (coturn.exitCode === null && coturn.kill('SIGKILL')) await once(coturn, 'exit');
  folder.remove();
});

test('a refused credential and an expired one are counted; the challenges before them are not', async () => {
  await allocateAs('1999999999:bob');
  await allocateAs('1000000000:bob');
  await eventually('both are counted', () => counts.authFailures.expired === 1);
  expect(counts.authFailures).toMatchObject({ unknown: 1, expired: 1 });
  expect(counts.stunErrors.get('other')?.get('401')).toBe(2);
});

test('lines forged by clients without any credential move no other counter', async () => {
  const before = new Map(counts.stunErrors);
  await allocateAs(`bob\n${FORGED}${FORGED}`);
  await allocateWithOrigin(`x y\n${FORGED}`);
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
    client.write(CLIENT_HELLO_OF_NOTHING);
    await eventually('the TLS handshake is counted', () => counts.handshakeFailures.tls === 1, 4000);
    await eventually('the DTLS handshake is counted', () => counts.handshakeFailures.dtls >= 1, 4000);
  } finally {
    client.destroy();
    if (openssl.exitCode === null && openssl.kill('SIGKILL')) await once(openssl, 'exit');
  }
});

test('the log is followed when it is rotated and coturn is told to open it again', async () => {
  const { unknown } = counts.authFailures;
  await allocateAs('1999999999:carol');
  renameSync(path, `${path}.1`);
  await allocateAs('1999999999:carol');
  coturn.kill('SIGHUP');
  await eventually('coturn opened a new log', async () => {
    await allocateAs('1999999999:dave');
    return counts.authFailures.unknown >= unknown + 3 && tail.problem === undefined;
  });
});

interface Challenge {
  readonly socket: Socket;
  readonly realm: StunAttribute;
  readonly nonce: StunAttribute;
}

/** Asks for an allocation without credentials; undefined when nothing answers within 200 ms. The caller closes the socket. */
async function challenge(): Promise<Challenge | undefined> {
  const socket = createSocket('udp4');
  const answer = await ask(socket, [UDP]);
  const realm = answer?.find(({ type }) => type === REALM);
  const nonce = answer?.find(({ type }) => type === NONCE);
  if (realm && nonce) return { socket, realm, nonce };
  socket.close();
  return undefined;
}

/** An Allocate with a user name and no valid integrity. */
async function allocateAs(username: string): Promise<void> {
  const challenged = await challenge();
  if (!challenged) throw new Error('coturn does not answer');
  const { socket, realm, nonce } = challenged;
  const user = { type: USERNAME, value: Buffer.from(username) };
  const integrity = { type: MESSAGE_INTEGRITY, value: Buffer.alloc(20) };
  await ask(socket, [UDP, user, realm, nonce, integrity]);
  socket.close();
}

async function allocateWithOrigin(origin: string): Promise<void> {
  const socket = createSocket('udp4');
  await ask(socket, [UDP, { type: ORIGIN, value: Buffer.from(origin) }]);
  socket.close();
}

async function ask(
  socket: Socket,
  attributes: readonly StunAttribute[],
): Promise<readonly StunAttribute[] | undefined> {
  const request = { class: 'request', method: ALLOCATE, transactionId: randomBytes(12), attributes } as const;
  socket.send(encodeStunMessage(request), port, '127.0.0.1');
  const answer: unknown[] = await once(socket, 'message', { signal: AbortSignal.timeout(200) }).catch(() => []);
  return answer[0] instanceof Buffer ? decodeStunMessage(answer[0])?.attributes : undefined;
}

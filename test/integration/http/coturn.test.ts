import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo, connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { IssuedCredential } from '../../../src/credentials/issuer';
import { MAX_USER_BYTES, restPassword } from '../../../src/turn/rest-credential';
import { temporaryFolder } from './certificates';
import { testIssuer } from '../../support/issuer';
import { ask, closeAll, credentialCalls, startServer } from './harness';

const SECRET = 'the-secret-of-this-test';
const folder = temporaryFolder();
let coturn: ChildProcess | undefined;
let port = 0;

beforeAll(async () => {
  port = await freePort();
  coturn = spawn('turnserver', ['-c', folder.write('turnserver.conf', configuration(port))], { stdio: 'ignore' });
  await waitForPort(port, coturn);
});
afterAll(async () => {
  if (coturn?.exitCode === null) {
    coturn.kill('SIGKILL');
    await once(coturn, 'exit');
  }
  folder.remove();
});
afterEach(closeAll);

/** turnutils_uclient takes 2 to 5 s a run. */
jest.setTimeout(60_000);

test('coturn takes what POST /v1/credentials gave, and relays', async () => {
  const server = await startServer({ credentials: credentialCalls(issuer()) });
  const answer = await ask(`${server.url()}/v1/credentials`, {
    method: 'POST',
    body: '{"user":"alice/b:c"}',
    headers: { 'content-type': 'application/json' },
  });
  const { username, password, uris } = JSON.parse(answer.text) as IssuedCredential;
  expect(uris).toContain(`turn:127.0.0.1:${port}?transport=udp`);
  expect(await relays(username, password)).toBe(true);
  expect(await relays(username, `${password.slice(0, -4)}AAA=`)).toBe(false);
});

test('coturn takes what GET /turncredential gave', async () => {
  const server = await startServer({ credentials: credentialCalls(issuer()) });
  const made = JSON.parse((await ask(`${server.url()}/turncredential`)).text) as { userid: string; password: string };
  expect(await relays(made.userid, made.password)).toBe(true);
});

test('coturn refuses one that has ended', async () => {
  const { username, password } = issuer(Date.now() - 3_600_000).issue({ ttlSeconds: 60 });
  expect(await relays(username, password)).toBe(false);
});

test('every user that is refused here would be refused by coturn, however well it is signed', async () => {
  for (const user of ['a b', 'a"b', "a'b", 'a\\b', 're-union-selected']) {
    expect(() => issuer().issue({ user })).toThrow();
    const username = `${Math.floor(Date.now() / 1000) + 600}:${user}`;
    expect([user, await relays(username, restPassword(SECRET, username))]).toEqual([user, false]);
  }
});

test('the longest user that is let through is one that coturn takes', async () => {
  const { username, password } = issuer().issue({ user: 'x'.repeat(MAX_USER_BYTES) });
  expect(await relays(username, password)).toBe(true);
});

function issuer(now = Date.now()) {
  return testIssuer(SECRET, { coturn: { listeningPort: port } }, { now: () => now });
}

/** Whether a client with this credential got its packets through the relay and back. */
async function relays(username: string, password: string): Promise<boolean> {
  const args = ['-u', username, '-w', password, '-p', String(port), '-y', '-c', '-n', '1', '-m', '1', '127.0.0.1'];
  try {
    const { stdout } = await promisify(execFile)('turnutils_uclient', args, { timeout: 20_000 });
    return stdout.includes('Total lost packets 0 ');
  } catch {
    return false;
  }
}

function configuration(listeningPort: number): string {
  return `listening-ip=127.0.0.1
relay-ip=127.0.0.1
listening-port=${listeningPort}
realm=test
use-auth-secret
static-auth-secret=${SECRET}
allow-loopback-peers
no-cli
no-tls
no-dtls
log-file=${folder.path}/turnserver.log
simple-log
pidfile=${folder.path}/turnserver.pid
userdb=${folder.path}/turndb
`;
}

/** coturn also takes the port after it (its alternative port, RFC 5780). */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: found } = server.address() as AddressInfo;
  await promisify(server.close.bind(server))();
  const udp = createSocket('udp4').bind(found, '127.0.0.1');
  await once(udp, 'listening');
  udp.close();
  return found;
}

async function waitForPort(wanted: number, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const socket = connect(wanted, '127.0.0.1');
    const open = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (open) return;
    await sleep(50);
  }
  throw new Error(`turnserver ended with ${String(child.exitCode)}: ${folder.read('turnserver.log')}`);
}

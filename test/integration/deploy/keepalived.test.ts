import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createTlsServer } from 'node:https';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { eventually } from '../../support/eventually';
import { makeAuthority, temporaryFolder } from '../http/certificates';
import { Network, whyNot, type Machine } from './keepalived-machines';

const CHECK = join(__dirname, '../../../deploy/keepalived/check-turnkeeper.sh');
const reason = whyNot();
const here = reason === undefined ? test : test.skip;
let network: Network | undefined;

afterEach(async () => {
  await network?.remove();
  network = undefined;
});

/** Resolves when the one has the virtual address and the other has not. */
async function holds(one: Machine, other: Machine, ms = 20_000): Promise<void> {
  await eventually(`${one.address} holds the address`, () => one.holdsAddress() && !other.holdsAddress(), ms);
}

here(
  `the virtual address leaves a relay that can not serve, clients are served there, and it comes back (${reason ?? 'tried'})`,
  async () => {
    const net = (network = new Network());
    const [first, second] = [net.machine(11), net.machine(12)];
    await Promise.all([first.startAgent(), second.startAgent()]);
    first.startKeepalived(second);
    await eventually('the first takes it', () => first.holdsAddress(), 20_000);
    second.startKeepalived(first);
    expect(await net.isServed()).toBe(true);

    await first.endAgent('SIGKILL');
    expect(first.check('127.0.0.1:9642')).toEqual({ status: 1, text: 'the agent does not answer\n' });
    expect(first.check('127.0.0.1:9642', `${first.address}:3478`).status).toBe(0);
    first.killCoturn();
    await holds(second, first);
    expect(await net.isServed()).toBe(true);
    await eventually('that is noted', () => second.noted().includes('vrrp_instance="turn"} 1\n'));
    await eventually('that is noted there too', () => first.noted().includes('vrrp_instance="turn"} 0\n'));

    await first.startAgent();
    await eventually(
      'keepalived sees that it is well',
      () => /entering BACKUP STATE[^]*entering FAULT STATE[^]*entering BACKUP STATE/i.test(first.log),
      20_000,
    );
    expect([first.holdsAddress(), second.holdsAddress()]).toEqual([false, true]);
    await second.endAgent('SIGTERM');
    await holds(first, second);
    expect(await net.isServed()).toBe(true);
    expect([first.log, second.log].join('\n')).not.toMatch(/unsafe|unknown keyword|not found|SECURITY/i);
  },
);

interface Outcome {
  readonly status: number;
  readonly text: string;
  readonly ms: number;
}

function check(...args: readonly string[]): Promise<Outcome> {
  const began = performance.now();
  return new Promise((resolve) => {
    execFile(CHECK, args, { encoding: 'utf8' }, (error, text) => {
      resolve({ status: error ? Number(error.code) : 0, text, ms: performance.now() - began });
    });
  });
}

/** What the check says of somebody who answers so, and keeps the connection; `undefined`: with nothing. */
async function checkOf(answer: string | undefined, options: { tls?: boolean } = {}): Promise<Outcome> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      if (answer !== undefined) socket.end(answer);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  try {
    return await check(`${options.tls === true ? 'https://' : ''}127.0.0.1:${port}`, `127.0.0.1:${port}`);
  } finally {
    server.close();
  }
}

test('an agent that says why it is not ready keeps the address away, and why is said, as text alone', async () => {
  const { status, text } = await checkOf('HTTP/1.1 503 No\r\nA: b\r\n\r\ncoturn is \u001b[31mstopped\n');
  expect({ status, text }).toEqual({ status: 1, text: 'not ready: coturn is [31mstopped\n' });
});

test.each([
  ['says nothing', undefined],
  ['says something else', 'SSH-2.0-hello\r\n'],
  ['says too much', 'x'.repeat(1_000_000)],
])('a port that %s is no relay that can serve, and is waited for a few seconds at most', async (_, answer) => {
  const { status, ms } = await checkOf(answer);
  expect(status).toBe(1);
  expect(ms).toBeLessThan(8000);
});

test.each([
  ['is ready', 200, 0],
  ['is not', 503, 1],
])('an agent with TLS that %s is understood, whoever signed its certificate', async (_, code, status) => {
  const folder = temporaryFolder();
  makeAuthority(folder, 'own');
  const server = createTlsServer(
    { cert: folder.read('own.pem'), key: folder.read('own.key') },
    (_request, response) => {
      response.writeHead(code).end('so it is\n');
    },
  ).listen(0, '127.0.0.1');
  try {
    await once(server, 'listening');
    const outcome = await check(`https://127.0.0.1:${(server.address() as { port: number }).port}`);
    expect(outcome).toMatchObject({ status, text: status === 0 ? '' : 'not ready: so it is\n' });
  } finally {
    server.close();
    folder.remove();
  }
});

test('an agent with TLS that does not speak it is no relay that can serve', async () => {
  expect((await checkOf(undefined, { tls: true })).status).toBe(1);
});

test.each(['$(touch /tmp/turnkeeper-pwned):1', '127.0.0.1:1;id', '-oProxy:1', 'a b:1', '127.0.0.1', ':1'])(
  'an address that is none (%s) gets near no command',
  async (address) => {
    expect((await check(address)).status).not.toBe(0);
    expect((await check('127.0.0.1:1', address)).status).not.toBe(0);
  },
);

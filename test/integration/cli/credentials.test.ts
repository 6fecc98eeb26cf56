import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket as Stream } from 'node:net';
import { join } from 'node:path';
import { restCredential } from '../../../src/turn/rest-credential';
import {
  decodeStunMessage,
  encodeStunMessage,
  type StunAttribute,
  type StunMessage,
} from '../../../src/turn/stun-message';
import { AgentHome } from '../../support/agent';
import { eventually } from '../../support/eventually';
import { freePorts, relayRange } from '../../support/free-ports';
import { TurnClient } from '../../support/turn-client';
import { makeAuthority, makeCertificate, temporaryFolder } from '../http/certificates';
import { apiServer, closeServers, sendJson, type ApiServer } from './api-server';
import { turnkeeper, type Outcome } from './turnkeeper';

const SECRET = 'the-secret-of-this-test';
const ROOT = join(__dirname, '../../..');
const folder = temporaryFolder();
const open: (Socket | Server | Stream)[] = [];

afterEach(async () => {
  for (const each of open.splice(0)) {
    if ('destroy' in each) each.destroy();
    else each.close();
  }
  await closeServers();
});
afterAll(() => {
  folder.remove();
});

/** An agent that gives out a credential for these URIs. */
function agentWith(uris: readonly string[], secret = SECRET, ttlSeconds = 600): Promise<ApiServer> {
  const made = restCredential(secret, randomUUID(), ttlSeconds, Date.now()); // so that each has a quota of its own
  return apiServer((_request, response) => {
    sendJson(response, { ...made, uris, ttl: ttlSeconds }, 201);
  });
}

async function tested(uris: readonly string[], args: readonly string[] = [], secret?: string, ttlSeconds?: number) {
  const { url } = await agentWith(uris, secret, ttlSeconds);
  return turnkeeper(['credentials', '--test', ...args, '--url', url]);
}

interface TestAnswer {
  readonly works: boolean;
  readonly results: readonly Readonly<Record<string, unknown>>[];
}

function answerOf({ stdout }: Outcome): TestAnswer {
  expect(stdout.endsWith('}\n') && stdout.indexOf('\n') === stdout.length - 1).toBe(true);
  return JSON.parse(stdout) as TestAnswer;
}

describe('a running agent', () => {
  let home: AgentHome;
  beforeAll(async () => {
    home = await AgentHome.create();
    const agent = await home.start();
    expect(agent.hasEnded).toBe(false);
  });
  afterAll(() => home.remove());

  it('gives the credential that was asked for, as JSON', async () => {
    const wishes = ['--user', 'alice', '--ttl', '10m', '--label', 'room-7'];
    const { status, stdout, stderr } = await turnkeeper(['credentials', ...wishes, '--url', home.url]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const answer = JSON.parse(stdout) as { username: string; ttl: number; iceServers: unknown[] };
    expect(answer).toMatchObject({ ttl: 600, username: expect.stringMatching(/^\d+:alice.*room-7/) as string });
    expect(answer.iceServers).toHaveLength(1);
    expect(stdout.trimEnd()).not.toContain('\n');
  });

  it('is shown indented on a terminal, and in one line with --json', async () => {
    const onTerminal = await turnkeeper(['credentials', '--url', home.url], { columns: 80 });
    expect(onTerminal.stdout).toMatch(/^{\n {2}"username": /);
    const line = await turnkeeper(['credentials', '--json', '--url', home.url], { columns: 80 });
    expect(line.stdout).toMatch(/^{"username":.*}\n$/);
  });

  it('has its credential tried over UDP and TCP through its coturn', async () => {
    const { status, stdout, stderr } = await turnkeeper(['credentials', '--test', '--url', home.url]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const at = `127.0.0.1:${home.ports.turn}`;
    const gave = `works: ${at} gave 127\\.0\\.0\\.1:\\d+ for 15 s, realm \\S+\\.\n`;
    expect(stdout).toMatch(new RegExp(`^turn:${at}\\?transport=udp ${gave}turn:${at}\\?transport=tcp ${gave}$`));
  });

  it('gives an address to who asks for no family, also where there is IPv6 alone', async () => {
    const six = await AgentHome.create({ listeningIp: ['::1'] });
    try {
      await six.start();
      const { status, stdout } = await turnkeeper(['credentials', '--test', '--url', six.url]);
      expect(status).toBe(0);
      expect(stdout.match(/ works: \[::1\]:\d+ gave \[/g)).toHaveLength(2);
    } finally {
      await six.remove();
    }
  });

  it('says itself what is wrong with a wish', async () => {
    const outcome = await turnkeeper(['credentials', '--ttl', '999d', '--user', 'a b', '--url', home.url]);
    expect(outcome).toMatchObject({ status: 1, stdout: '' });
    expect(outcome.stderr).toMatch(/user must be printable ASCII.*ttl must be/);
  });
});

describe('a coturn', () => {
  let coturn: ChildProcess;
  let uris: { udp: string; tcp: string; tls: string };
  let port = 0;

  beforeAll(async () => {
    makeAuthority(folder, 'authority');
    makeCertificate(folder, 'relay', 'authority', 'DNS:localhost,IP:127.0.0.1');
    const [turn = 0, tls = 0, cli = 0] = await freePorts(3);
    const { minPort, maxPort } = relayRange(200);
    port = turn;
    const conf = [
      ...[`listening-port=${turn}`, `tls-listening-port=${tls}`, `cli-port=${cli}`, 'cli-password=x'],
      ...['listening-ip=127.0.0.1', 'relay-ip=127.0.0.1', `min-port=${minPort}`, `max-port=${maxPort}`],
      ...['realm=test.example', 'use-auth-secret', `static-auth-secret=${SECRET}`, 'user-quota=3', 'relay-threads=1'],
      ...[`cert=${folder.path}/relay.pem`, `pkey=${folder.path}/relay.key`, 'no-stdout-log', 'log-file=/dev/null'],
      ...['simple-log', `pidfile=${folder.path}/pid`, `userdb=${folder.path}/userdb`],
    ];
    coturn = spawn('turnserver', ['-c', folder.write('turnserver.conf', conf.join('\n'))], { stdio: 'ignore' });
    uris = {
      udp: `turn:127.0.0.1:${turn}`,
      tcp: `turn:127.0.0.1:${turn}?transport=tcp`,
      tls: `turns:localhost:${tls}?transport=tcp`,
    };
    await eventually('coturn listens', async () => {
      const client = await TurnClient.connect(turn, 'tcp');
      client.close();
      return true;
    });
  });
  afterAll(async () => {
    if (coturn.exitCode !== null || coturn.signalCode !== null) return;
    coturn.kill('SIGKILL');
    await once(coturn, 'exit');
  });

  it('grants over UDP, TCP and TLS, as JSON tells', async () => {
    const outcome = await tested(Object.values(uris), ['--json', '--insecure']);
    expect(outcome).toMatchObject({ status: 0, stderr: '' });
    const { works, results } = answerOf(outcome);
    expect(works).toBe(true);
    const expected = { outcome: 'granted', realm: 'test.example', lifetimeSeconds: 600, givenBack: true };
    expect(results).toEqual(Object.values(uris).map((uri) => expect.objectContaining({ ...expected, uri }) as object));
  });

  it('gets its allocations back: each relay port is free again long before it would expire', async () => {
    const { status, stdout } = await tested([uris.udp]);
    const relayed = Number(/ gave 127\.0\.0\.1:(\d+) /.exec(stdout)?.[1]);
    expect(status).toBe(0);
    await eventually('the relay port is closed', () => isFree(relayed));
  });

  it('has its certificate checked', async () => {
    const { status, stdout } = await tested([uris.tls, uris.udp]);
    expect({ status, stdout }).toMatchObject({ status: 0 });
    expect(stdout).toMatch(
      /^turns:localhost\S+ fails: the certificate of 127\.0\.0\.1:\d+ is not trusted: .*--insecure/,
    );
    expect((await tested([uris.tls])).status).toBe(1);
    const { url } = await agentWith([uris.tls, uris.tls.replace('localhost', '127.0.0.2')]);
    const authority = { NODE_EXTRA_CA_CERTS: join(folder.path, 'authority.pem') };
    const output = await program(['credentials', '--test', '--url', url], authority);
    expect(output).toMatch(/^turns:localhost\S+ works: 127\.0\.0\.1:\d+ gave .*, realm test\.example\.\n/);
    expect(output).toMatch(/\nturns:127\.0\.0\.2\S+ fails: /);
  });

  it('with another secret, or with an expired credential, says 401', async () => {
    const line =
      /fails: 127\.0\.0\.1:\d+ refused it \(401 Unauthorized, realm test\.example\): it has another secret .*expired/;
    for (const [secret, ttlSeconds] of [
      ['another-secret', 600],
      [SECRET, -60],
    ] as const) {
      const { status, stdout } = await tested([uris.udp, uris.tcp], [], secret, ttlSeconds);
      expect(status).toBe(1);
      expect(stdout.trimEnd().split('\n')).toEqual([expect.stringMatching(line), expect.stringMatching(line)]);
    }
  });

  it('that is full for this user says 486', async () => {
    const made = restCredential(SECRET, 'bob', 600, Date.now());
    const clients = await Promise.all([1, 2, 3].map(() => TurnClient.connect(port, 'tcp')));
    try {
      for (const client of clients) await client.allocate(made.username, SECRET);
      const api = await apiServer((_request, response) => {
        sendJson(response, { ...made, uris: [uris.udp] }, 201);
      });
      const { status, stdout } = await turnkeeper(['credentials', '--test', '--url', api.url]);
      expect(status).toBe(1);
      expect(stdout).toMatch(/refused it \(486 .*\): the user has as many allocations open as the quota allows/);
    } finally {
      for (const client of clients) client.close();
    }
  });

  it('never has the password told', async () => {
    const { password } = restCredential(SECRET, 'alice', 600, Date.now());
    const given = { username: '1:alice', password, uris: [...Object.values(uris), 'turn:127.0.0.1:1', 'turn:#'] };
    const { url } = await apiServer((_request, response) => {
      sendJson(response, given, 201);
    });
    for (const args of [[], ['--json']]) {
      const { stdout, stderr } = await turnkeeper(['credentials', '--test', ...args, '--url', url]);
      expect(stdout).toContain('401');
      expect(stdout + stderr).not.toContain(password);
    }
  });
});

describe('where no relay is', () => {
  it('nothing listens', async () => {
    const [free = 0] = await freePorts(1);
    const uris = ['turn:127.0.0.1', 'turn:127.0.0.1?transport=tcp', 'turns:127.0.0.1'].map((uri) =>
      uri.replace('127.0.0.1', `127.0.0.1:${free}`),
    );
    const { status, stdout } = await tested(uris);
    expect({ status, stdout }).toEqual({
      status: 1,
      stdout: uris
        .map((uri) => `${uri} fails: 127.0.0.1:${free} can't be reached: nothing listens there for this transport.\n`)
        .join(''),
    });
  });

  it('a silent port is asked three times over UDP, and given up after 3 s', async () => {
    const arrivals: number[] = [];
    const port = await udpServer(() => arrivals.push(performance.now()));
    const begun = performance.now();
    const { status, stdout } = await tested([`turn:127.0.0.1:${port}`]);
    expect(status).toBe(1);
    expect(stdout).toContain('gave no answer within 3 s');
    expect(performance.now() - begun).toBeGreaterThan(2990);
    const [first = 0, second = 0, third = 0, ...more] = arrivals;
    expect(more).toEqual([]);
    expect(second - first).toBeGreaterThan(480); // RFC 8489 section 6.2.1
    expect(third - second).toBeGreaterThan(980);
  });

  it('a silent stream is given up after 3 s, before TLS and after', async () => {
    const port = await tcpServer(() => undefined);
    const begun = performance.now();
    const { stdout } = await tested([`turn:127.0.0.1:${port}?transport=tcp`, `turns:127.0.0.1:${port}`]);
    expect(stdout.match(/gave no answer within 3 s/g)).toHaveLength(2);
    expect(performance.now() - begun).toBeLessThan(10_000);
  });

  it('a name that nobody knows is said to be one', async () => {
    const { status, stdout } = await tested(['turn:no-such-host.invalid']);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^turn:no-such-host\.invalid fails: its name is not known here \(.+\)/);
  });

  it('a URI that is none is not tested, and drives no terminal', async () => {
    const { status, stdout } = await tested([
      'turn:\u001b[2J\nforged works',
      'stun:127.0.0.1',
      'turns:a?transport=udp',
    ]);
    expect(status).toBe(1);
    expect(stdout.match(/ is not tested: /g)).toHaveLength(3);
    expect(stdout).not.toMatch(/[^\P{C}\n]/u);
    expect(stdout.trimEnd().split('\n')).toHaveLength(3);
  });
});

describe('a server that is no relay', () => {
  it('is found out over UDP', async () => {
    const port = await udpServer((_bytes, reply) => {
      reply(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'));
    });
    expect((await tested([`turn:127.0.0.1:${port}`])).stdout).toContain('is no answer of a TURN server');
  });

  it('is cut off when it floods over UDP', async () => {
    const port = await udpServer((_bytes, reply) => {
      for (let i = 0; i < 300; i++) reply(Buffer.alloc(1000));
    });
    const begun = performance.now();
    expect((await tested([`turn:127.0.0.1:${port}`])).stdout).toContain('is no answer of a TURN server');
    expect(performance.now() - begun).toBeLessThan(2500);
  });

  const header = (length: number): Buffer => {
    const bytes = Buffer.from('0103000021' + '12a442' + '00'.repeat(12), 'hex');
    bytes.writeUInt16BE(length, 2);
    return bytes;
  };
  it.each([
    ['with text', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['with a length that nobody needs', header(65_532)],
    ['with a message that is none inside', Buffer.concat([header(4), Buffer.from('0020ffff', 'hex')])],
    ['to what nobody asked, without end', Buffer.concat(Array.from({ length: 500 }, () => header(0)))],
  ])('is found out over TCP: it answers %s', async (_what, bytes) => {
    const port = await tcpServer((stream) => {
      stream.on('data', () => stream.write(bytes));
    });
    const { status, stdout } = await tested([`turn:127.0.0.1:${port}?transport=tcp`]);
    expect(status).toBe(1);
    expect(stdout).toContain('is no answer of a TURN server');
  });

  it('can not hang the test by a message that never ends, nor by closing', async () => {
    const drip = await tcpServer((stream) => {
      stream.on('data', () => stream.write(header(400)));
    });
    const closes = await tcpServer((stream) => {
      stream.on('data', () => stream.destroy());
    });
    const { stdout } = await tested([drip, closes].map((port) => `turn:127.0.0.1:${port}?transport=tcp`));
    expect(stdout).toMatch(/gave no answer within 3 s.*\n.*closed the connection without an answer/);
  });

  it('is found out where it knows TLS not', async () => {
    const port = await tcpServer((stream) => {
      stream.on('data', () => stream.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
    });
    expect((await tested([`turns:127.0.0.1:${port}`])).stdout).toMatch(/no TLS could be agreed on \(\w+\)/);
  });
});

describe('a server that does as no coturn does', () => {
  it('and calls a nonce stale is asked once again, with the new one', async () => {
    const nonces: string[] = [];
    const port = await stunServer((request) => {
      const nonce = textOf(request, 0x0015);
      if (nonce !== undefined) nonces.push(nonce);
      return refusal(request, nonce === undefined ? 401 : 438, 'Why', `nonce-${nonces.length}`);
    });
    const { status, stdout } = await tested([`turn:127.0.0.1:${port}`]);
    expect(nonces).toEqual(['nonce-0', 'nonce-1']);
    expect(status).toBe(1);
    expect(stdout).toContain('(438 Why, realm r): it calls even its newest nonce stale');
  });

  it('and grants without knowing the password is not believed', async () => {
    const port = await stunServer((request) =>
      textOf(request, 0x0015) === undefined ? refusal(request, 401, 'Why', 'n') : grant(request),
    );
    expect((await tested([`turn:127.0.0.1:${port}`])).stdout).toContain('is no answer of a TURN server');
  });

  it('and asks for no credential is told of', async () => {
    const port = await stunServer(grant);
    const { status, stdout } = await tested([`turn:127.0.0.1:${port}`]);
    expect(status).toBe(0);
    expect(stdout).toContain('gave 192.0.2.7:5000 for 600 s; it asked for no credential, so anyone can relay there.');
  });

  it('and refuses with hostile words drives no terminal, and makes one line', async () => {
    const port = await stunServer((request) => refusal(request, 600, `\u001b[2J\n${'x'.repeat(600)}`, 'n'));
    const { stdout } = await tested([`turn:127.0.0.1:${port}`]);
    expect(stdout).toMatch(/\(600 \\u001b\[2J\\u000ax{90,100}, realm r\)/);
    expect(stdout.length).toBeLessThan(300);
  });
});

describe('a mistake in the arguments', () => {
  it.each([
    [['--ttl', 'soon'], 'Expected a duration'],
    [['--insecure'], '--insecure is for --test'],
    [['--key', 'k'], 'shows in the list of processes'],
    [['x'], 'too many arguments'],
  ])('%j ends with status 2, and asks nobody', async (args, sentence) => {
    const { url, asked } = await agentWith([]);
    const { status, stdout, stderr } = await turnkeeper(['credentials', ...args, '--url', url]);
    expect({ status, stdout, asked }).toEqual({ status: 2, stdout: '', asked: [] });
    expect(stderr).toContain(sentence);
  });
});

describe('the agent', () => {
  it('is shown the key, and its refusal is passed on', async () => {
    const { url, asked, authorizations } = await apiServer((_request, response) => {
      sendJson(response, { error: { code: 'forbidden', message: 'This key may not.' } }, 403);
    });
    const outcome = await turnkeeper(['credentials', '--url', url], { environment: { TURNKEEPER_KEY: 'k' } });
    expect(outcome).toMatchObject({ status: 1, stdout: '' });
    expect(outcome.stderr).toBe('turnkeeper: This key may not. (an API key comes from TURNKEEPER_KEY or --key-file)\n');
    expect({ asked, authorizations }).toEqual({ asked: ['POST /v1/credentials'], authorizations: ['Bearer k'] });
  });

  it('that is none is found out', async () => {
    const answers = ['{}', 'not JSON', 'x'.repeat(1_000_000)];
    for (const answer of answers) {
      const { url } = await apiServer((_request, response) => response.writeHead(201).end(answer));
      const { status, stdout, stderr } = await turnkeeper(['credentials', '--url', url]);
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toContain('not one of turnkeeper');
    }
    const [free = 0] = await freePorts(1);
    const { stderr } = await turnkeeper(['credentials', '--url', `http://127.0.0.1:${free}`]);
    expect(stderr).toContain('No agent answers');
  });

  it('that names no URI has nothing to be tested', async () => {
    expect(await tested([])).toMatchObject({ status: 1, stderr: expect.stringContaining('no URI') as string });
  });
});

/** The program as its own process, whose environment counts from the start; the value is its standard output. */
function program(args: readonly string[], environment: Record<string, string>): Promise<string> {
  const node = ['-r', join(ROOT, 'test/support/register-typescript.js'), join(ROOT, 'src/main.ts'), ...args];
  const env = { PATH: process.env['PATH'], ...environment };
  return new Promise((done) => {
    execFile(process.execPath, node, { env, cwd: folder.path, timeout: 60_000 }, (_error, stdout, stderr) => {
      done(stdout + stderr);
    });
  });
}

/** Whether nobody has this UDP port on loopback. */
async function isFree(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  try {
    socket.bind(port, '127.0.0.1');
    await once(socket, 'listening');
    return true;
  } finally {
    socket.close();
  }
}

async function udpServer(onMessage: (bytes: Buffer, reply: (bytes: Buffer) => void) => void): Promise<number> {
  const socket = createSocket('udp4');
  open.push(socket);
  socket.on('message', (bytes, { port, address }) => {
    onMessage(bytes, (answer) => {
      socket.send(answer, port, address);
    });
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket.address().port;
}

async function tcpServer(onStream: (stream: Stream) => void): Promise<number> {
  const server = createServer((stream) => {
    open.push(stream);
    stream.on('error', () => undefined);
    stream.resume();
    onStream(stream);
  });
  open.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function stunServer(answer: (request: StunMessage) => StunMessage): Promise<number> {
  return udpServer((bytes, reply) => {
    const request = decodeStunMessage(bytes);
    if (request) reply(encodeStunMessage(answer(request)));
  });
}

function refusal(request: StunMessage, code: number, reason: string, nonce: string): StunMessage {
  const error = Buffer.concat([Buffer.from([0, 0, Math.floor(code / 100), code % 100]), Buffer.from(reason)]);
  return {
    ...request,
    class: 'error',
    attributes: [attribute(0x0009, error), attribute(0x0014, Buffer.from('r')), attribute(0x0015, Buffer.from(nonce))],
  };
}

/** 192.0.2.7:5000 for 600 s, unsigned. */
function grant(request: StunMessage): StunMessage {
  const relayed = Buffer.from('0001000000000000', 'hex');
  relayed.writeUInt16BE(5000 ^ 0x2112, 2);
  relayed.writeUInt32BE((0xc0000207 ^ 0x2112a442) >>> 0, 4);
  const lifetime = Buffer.from([0, 0, 2, 88]);
  return { ...request, class: 'success', attributes: [attribute(0x0016, relayed), attribute(0x000d, lifetime)] };
}

function textOf({ attributes }: StunMessage, type: number): string | undefined {
  const found = attributes.find((each) => each.type === type);
  return found && Buffer.from(found.value).toString();
}

function attribute(type: number, value: Uint8Array): StunAttribute {
  return { type, value };
}

import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { readFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { configSchema } from '../../src/config/schema';
import { createReporter, type Reporter, type ReporterOptions, type WatchedTransport } from '../../src/report';
import type { Reports } from '../../src/reports/reports';
import { temporaryDirectory } from '../support/coturn';
import { eventually } from '../support/eventually';
import { freePorts, relayRange } from '../support/free-ports';
import { startProgram } from '../support/program';
import { failingCall, FAILING_CALL_MS } from '../support/webrtc-call';
import { apiKey } from './http/api-keys';
import { closeAll, startServer, testReports } from './http/harness';

const ROOT = join(__dirname, '../..');
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
  await closeAll();
});

function reporter(options: ReporterOptions): Reporter {
  const made = createReporter({ intervalMs: 20, timeoutMs: 1000, ...options });
  cleanups.push(() => made.close());
  return made;
}

async function agent(more: object = {}): Promise<{ url: string; reports: Reports }> {
  const reports = testReports((user) => (user === 'alice' ? true : undefined));
  const settings = configSchema.parse({}).reports;
  const server = await startServer({ reports: { reports, settings }, ...more });
  return { url: server.url(), reports };
}

const FAILED = { layer: 'ice', state: 'failed' } as const;

/** As mediasoup's WebRtcTransport: an emitter with an observer that is another. */
class Transport extends EventEmitter implements WatchedTransport {
  readonly observer = new EventEmitter();
  readonly dtlsParameters = { role: 'auto' };
  readonly iceState = 'new';
  readonly dtlsState = 'new';
  constructor(readonly id: string) {
    super();
  }
}

/** A server of ours that answers as it is told, and keeps what came. */
async function stub(
  ...statuses: (number | 'hang' | 'break')[]
): Promise<{ url: string; server: Server; bodies: string[] }> {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      bodies.push(body);
      const status = statuses.shift() ?? 202;
      if (status === 'break') request.socket.destroy();
      else if (status !== 'hang') response.writeHead(status, { 'Retry-After': '0' }).end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server, bodies };
}

describe('a media server’s reports', () => {
  test('reach the agent with the key, matched to the user, the newest score of each stream alone', async () => {
    const { url, reports } = await agent({ keys: [apiKey('media', 'report')] });
    const made = reporter({ url, key: 'media', intervalMs: 300 });
    const transport = new Transport('t1');
    made.watch(transport, { user: 'alice' });
    transport.emit('icestatechange', 'connected');
    transport.emit('dtlsstatechange', 'failed');
    const producer = new EventEmitter();
    transport.observer.emit('newproducer', producer);
    for (const score of [1, 2, 3, 10]) producer.emit('score', [{ score }]);
    await eventually('all have arrived', () => reports.counts.taken === 3);
    expect(reports.counts.connections.dtls.failed.yes).toBe(1);
    expect(reports.counts.connections.ice.connected.yes).toBe(1);
    expect(reports.counts.scores.producer.sum).toBe(10);
    expect(made.dropped).toBe(0);
  });

  test('go in as few requests as the agent takes, when it is closed at the latest', async () => {
    const { url, bodies } = await stub();
    const made = reporter({ url, intervalMs: 60_000 });
    for (let i = 0; i < 120; i++) made.report(FAILED);
    await made.close();
    expect(bodies.map((body) => (JSON.parse(body) as unknown[]).length)).toEqual([50, 50, 20]);
    made.report(FAILED);
    expect(made.dropped).toBe(1);
  });

  test.each([429, 503])('wait while the agent answers %i, which took nothing', async (status) => {
    const { url, bodies } = await stub(status, status);
    const problems: string[] = [];
    const made = reporter({ url, onProblem: (why) => problems.push(why) });
    made.report(FAILED);
    await eventually('it was sent again', () => bodies.length === 3);
    expect(new Set(bodies).size).toBe(1);
    expect([problems, made.dropped]).toEqual([[`turnkeeper refused reports (HTTP ${status})`], 0]);
  });

  test.each(['break', 'hang', 400, 401] as const)('are not sent again after %s, and the next go on', async (end) => {
    const { url, bodies } = await stub(end);
    const made = reporter({ url, timeoutMs: 200 });
    made.report(FAILED);
    await eventually('the first was lost', () => made.dropped === 1);
    made.report({ layer: 'dtls', state: 'failed' });
    await eventually('the second arrived', () => bodies.length === 2);
    expect(bodies[1]).toBe('[{"layer":"dtls","state":"failed"}]');
    expect(made.dropped).toBe(1);
  });

  test('wait for an agent that is not there yet, as many as there is room for', async () => {
    const [port = 0] = await freePorts(1);
    const problems: string[] = [];
    const made = reporter({ url: `http://127.0.0.1:${port}`, maxWaiting: 3, onProblem: (why) => problems.push(why) });
    for (let i = 0; i < 5; i++) made.report(FAILED);
    await eventually('it is told', () => problems.length > 0);
    expect([made.dropped, problems]).toEqual([2, ['turnkeeper could not be reached (ECONNREFUSED)']]);
    const { reports } = await agent({ listen: { host: '127.0.0.1', port } });
    await eventually('they have arrived', () => reports.total.ice === 3);
    expect(made.dropped).toBe(2);
  });

  test('a redirect does not take the key elsewhere', async () => {
    const elsewhere = await stub();
    const server = createServer((_, response) => response.writeHead(307, { Location: elsewhere.url }).end());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanups.push(() => server.close());
    const made = reporter({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, key: 'secret' });
    made.report(FAILED);
    await eventually('it was dropped', () => made.dropped === 1);
    expect(elsewhere.bodies).toEqual([]);
  });

  test('a callback that throws costs nothing', async () => {
    const { url, bodies } = await stub(400);
    const made = reporter({
      url,
      onProblem: () => {
        throw new Error('of the caller');
      },
    });
    made.report(FAILED);
    await eventually('the first was lost', () => made.dropped === 1);
    made.report(FAILED);
    await eventually('the second arrived', () => bodies.length === 2);
  });

  test('closing takes no longer than it may, whatever the agent does', async () => {
    const { url } = await stub('hang', 'hang', 'hang', 'hang');
    const made = createReporter({ url, intervalMs: 1, timeoutMs: 300 });
    for (let i = 0; i < 200; i++) made.report(FAILED);
    const began = performance.now();
    await made.close();
    expect(performance.now() - began).toBeLessThan(1500);
    expect(made.dropped).toBe(200);
  });

  test.each([
    { url: 'turn1:9642' },
    { url: 'ftp://turn1' },
    { url: 'http://me:hidden@turn1' },
    { url: 'http://turn1', key: 'hid\nden' },
  ])('%j is refused at once, and no message shows a secret', (options) => {
    expect(() => createReporter(options)).toThrow(TypeError);
    expect(() => createReporter(options)).not.toThrow(/hid/);
  });
});

/** What a media server's package would be: the built module under node_modules, with the exports of package.json. */
async function packaged(): Promise<string> {
  const folder = temporaryDirectory();
  cleanups.push(() => {
    folder.remove();
  });
  const home = join(folder.path, 'node_modules/turnkeeper');
  mkdirSync(home, { recursive: true });
  const { name, exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Record<string, unknown>;
  writeFileSync(join(home, 'package.json'), JSON.stringify({ name, exports }));
  symlinkSync(join(ROOT, 'node_modules/@types'), join(folder.path, 'node_modules/@types'));
  await compile(ROOT, ['src/report/index.ts', '--declaration', '--rootDir', 'src', '--outDir', join(home, 'dist')]);
  return folder.path;
}

function compile(cwd: string, args: readonly string[]): Promise<unknown> {
  const options = ['--ignoreConfig', '--strict', '--target', 'es2023', '--module', 'node20', '--types', 'node'];
  return promisify(execFile)(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), ...options, ...args], {
    cwd,
  });
}

test('the package gives turnkeeper/report to CommonJS, to ES modules and, with types, to TypeScript', async () => {
  const folder = await packaged();
  const { url, reports } = await agent();
  const program = (how: string): string =>
    `${how}\nconst r = createReporter({ url: ${JSON.stringify(url)} }); r.report({ layer: 'sctp', state: 'failed' }); r.close();`;
  writeFileSync(join(folder, 'a.cjs'), program(`const { createReporter } = require('turnkeeper/report');`));
  writeFileSync(join(folder, 'b.mjs'), program(`import { createReporter } from 'turnkeeper/report';`));
  for (const file of ['a.cjs', 'b.mjs']) await promisify(execFile)(process.execPath, [join(folder, file)]);
  expect(reports.total.sctp).toBe(2);
  // mediasoup 3.14's types of the same: listeners by the name of their event.
  const typed = `import { createReporter } from 'turnkeeper/report';
    import { EventEmitter } from 'node:events';
    type Events = { icestatechange: ['new' | 'connected']; dtlsstatechange: ['failed']; sctpstatechange: ['failed'] };
    declare class Enhanced<E extends Record<string, any[]>> extends EventEmitter {
      on<K extends keyof E & string>(eventName: K, listener: (...args: E[K]) => void): this;
    }
    declare class WebRtcTransport extends Enhanced<Events> {
      get id(): string; get iceState(): 'new' | 'connected'; get dtlsState(): 'new' | 'failed';
      get sctpState(): 'new' | 'failed' | undefined; get dtlsParameters(): { role?: 'auto' | 'client' };
      get observer(): Enhanced<Events & { close: []; newproducer: [object]; newconsumer: [object] }>;
    }
    declare const transport: WebRtcTransport;
    createReporter({ url: 'http://localhost:9642' }).watch(transport, { user: 'alice' });`;
  writeFileSync(join(folder, 'c.mts'), typed);
  await compile(folder, ['--noEmit', 'c.mts']);
});

test('a reporter that nobody closes does not keep a program alive', async () => {
  const folder = await packaged();
  const file = join(folder, 'idle.cjs');
  writeFileSync(
    file,
    `const { createReporter } = require('turnkeeper/report');
     createReporter({ url: 'http://127.0.0.1:9', intervalMs: 600000 }).report({ layer: 'ice', state: 'failed' });`,
  );
  await promisify(execFile)(process.execPath, [file], { timeout: 20_000 });
});

const SECRET = 'secret-of-this-test';
/** A refusal takes libwebrtc a second. */
const REFUSED_MS = 15_000;

/** A coturn that lets nobody send to anybody. */
async function refusingCoturn(): Promise<{ port: number; log: () => string }> {
  const folder = temporaryDirectory();
  const [port = 0] = await freePorts(1);
  const { minPort, maxPort } = relayRange(200);
  const options = [
    ['listening-port', port],
    ['listening-ip', '127.0.0.1'],
    ['relay-ip', '127.0.0.1'],
    ['min-port', minPort],
    ['max-port', maxPort],
    ['realm', 'test'],
    ['static-auth-secret', SECRET],
    ['denied-peer-ip', '0.0.0.0-255.255.255.255'],
    ['userdb', join(folder.path, 'turn.db')],
    ['pidfile', join(folder.path, 'pid')],
    ['log-file', join(folder.path, 'log')],
  ];
  const flags = ['use-auth-secret', 'allow-loopback-peers', 'no-tls', 'no-dtls', 'no-cli', 'simple-log', 'verbose'];
  const conf = join(folder.path, 'turnserver.conf');
  writeFileSync(conf, [...options.map(([name, value]) => `${name}=${value}`), ...flags].join('\n'));
  const child = spawn('turnserver', ['-c', conf], { stdio: 'ignore' });
  cleanups.push(async () => {
    await gone(child);
    folder.remove();
  });
  await eventually('coturn listens', () => isOpen(port));
  return { port, log: () => readFileSync(join(folder.path, 'log'), 'utf8') };
}

async function gone(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } finally {
    socket.destroy();
  }
}

describe('what a page reports of a real libwebrtc call', () => {
  test('one that comes about: ICE and DTLS, the pair that was selected, its round-trip time', async () => {
    const { url, reports } = await agent();
    const call = {
      url: `${url}/v1/reports`,
      user: 'alice',
      configuration: {},
      until: { layer: 'sctp', state: 'connected' },
    };
    const program = await startProgram('reported-call.ts', JSON.stringify(call));
    cleanups.push(() => program.kill());
    expect(JSON.parse(program.said)).toEqual({ accepted: 1, counted: 1, matched: 1 });
    const { connections, candidatePairs, roundTripSeconds } = reports.counts;
    await eventually('ICE was told too', () => connections.ice.connected.yes === 1);
    expect([connections.dtls.connected.yes, connections.sctp.connected.yes]).toEqual([1, 1]);
    expect(candidatePairs.unknown.unknown).toBe(0);
    expect(
      Object.values(candidatePairs)
        .flatMap((pairs) => Object.values(pairs))
        .reduce((sum, n) => sum + n),
    ).toBe(1);
    expect(roundTripSeconds.direct.cumulative().at(-1)).toBe(1);
    expect(reports.total).toEqual({ ice: 0, dtls: 0, sctp: 0 });
  });

  test(
    'one whose relay refuses the peer: an ICE failure, and nothing else',
    async () => {
      const { port, log } = await refusingCoturn();
      const { url, reports } = await agent();
      const username = `${Math.floor(Date.now() / 1000) + 3600}:alice`;
      const credential = createHmac('sha1', SECRET).update(username).digest('base64');
      const iceServers = [{ urls: [`turn:127.0.0.1:${port}?transport=udp`], username, credential }];
      const configuration = { iceServers, iceTransportPolicy: 'relay' };
      const call = { url: `${url}/v1/reports`, user: 'alice', configuration, until: FAILED };
      const program = await failingCall(call, REFUSED_MS);
      cleanups.push(() => program.kill());
      expect(JSON.parse(program.said)).toEqual({ accepted: 1, counted: 1, matched: 1 });
      expect(reports.total).toEqual({ ice: 1, dtls: 0, sctp: 0 });
      expect(reports.counts.connections.ice.failed.yes).toBe(1);
      expect(log()).toMatch(/CREATE_PERMISSION processed, error 403/);
    },
    2 * FAILING_CALL_MS,
  );
});

import { createSocket } from 'node:dgram';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Config } from '../../../src/config/schema';
import { Supervisor } from '../../../src/coturn/supervisor';
import { loopbackConfig, notingHooks, selfSigned, serverOptions, temporaryDirectory } from '../../support/coturn';

jest.setTimeout(60_000);

const directory = temporaryDirectory();
let server: Supervisor | undefined;
let logged = '';

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

afterAll(() => {
  directory.remove();
});

async function startWith(coturn: object): Promise<void> {
  await start(await loopbackConfig(directory.path, coturn));
}

async function start(config: Config, now = Date.now()): Promise<void> {
  const options = serverOptions(config, notingHooks());
  const logger = pino({}, { write: (line: string) => { logged += line; } }); // prettier-ignore
  server = new Supervisor({ ...options, logger, clock: { ...options.clock, now: () => now } });
  await server.start();
}

test('a missing binary: which package to install', async () => {
  await expect(startWith({ binary: '/nowhere/turnserver' })).rejects.toThrow('Install the coturn package');
});

test('a binary that is something else', async () => {
  await expect(startWith({ binary: 'true' })).rejects.toThrow("does not look like coturn's turnserver");
});

test.each(['listeningPort', 'cliPort'] as const)('a TCP port in use by %s: which, and by whom', async (key) => {
  const config = await loopbackConfig(directory.path);
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(config.coturn[key], '127.0.0.1', resolve));
  await expect(start(config)).rejects.toThrow(
    new RegExp(
      `^TCP port ${config.coturn[key]} on 127.0.0.1 is already in use by ".*" \\(pid ${process.pid}\\).*coturn.${key}`,
    ),
  );
  await new Promise((resolve) => holder.close(resolve));
});

test('a UDP port in use: which, and by whom', async () => {
  const config = await loopbackConfig(directory.path);
  const holder = createSocket('udp4');
  await new Promise<void>((resolve) => holder.bind(config.coturn.listeningPort, '127.0.0.1', resolve));
  await expect(start(config)).rejects.toThrow(
    new RegExp(`^UDP port ${config.coturn.listeningPort} on 127.0.0.1 is already in use by .*pid ${process.pid}`),
  );
  await new Promise<void>((resolve) => holder.close(resolve));
});

test("an address that is not this machine's", async () => {
  await expect(startWith({ listeningIp: ['192.0.2.1'] })).rejects.toThrow(
    '192.0.2.1 is not an address of this machine',
  );
});

test("coturn refuses its configuration: coturn's own last lines", async () => {
  await expect(startWith({ extra: { 'proc-user': 'no-such-user' } })).rejects.toThrow(
    /^coturn ended during its start \(exit status \d+\)[^]*no-such-user/,
  );
});

describe('certificates', () => {
  test('a good pair serves', async () => {
    await startWith(await selfSigned(directory.path, 'good'));
    expect(server?.state().kind).toBe('up');
  });

  test('an expired one is a warning, and coturn runs', async () => {
    const config = await loopbackConfig(directory.path, await selfSigned(directory.path, 'old', 1));
    await start(config, Date.now() + 2 * 86_400_000);
    expect(logged).toMatch(/certificate .* expired on/);
    expect(server?.state().kind).toBe('up');
  });

  test('a file that is not there', async () => {
    const { pkey } = await selfSigned(directory.path, 'lone');
    await expect(startWith({ cert: '/nowhere/cert.pem', pkey })).rejects.toThrow('/nowhere/cert.pem does not exist');
  });

  test.each([
    ['certificate', 'cert'],
    ['private key', 'pkey'],
  ])('a %s that is not PEM', async (what, key) => {
    const junk = join(directory.path, 'junk.pem');
    writeFileSync(junk, 'junk');
    const pair = await selfSigned(directory.path, 'pair');
    await expect(startWith({ ...pair, [key]: junk })).rejects.toThrow(`${junk} holds no usable ${what} in PEM form`);
  });

  test('a key of another certificate', async () => {
    const [one, two] = [await selfSigned(directory.path, 'one'), await selfSigned(directory.path, 'two')];
    await expect(startWith({ cert: one.cert, pkey: two.pkey })).rejects.toThrow('does not belong to the certificate');
  });

  test('the TLS port in use', async () => {
    const config = await loopbackConfig(directory.path, await selfSigned(directory.path, 'tls'));
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(config.coturn.tlsListeningPort, '127.0.0.1', resolve));
    await expect(start(config)).rejects.toThrow('coturn.tlsListeningPort');
    await new Promise((resolve) => holder.close(resolve));
  });
});

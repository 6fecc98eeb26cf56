import { execFile } from 'node:child_process';
import { connect, type ConnectionOptions } from 'node:tls';
import { promisify } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpServer } from '../../../src/http/server';
import { systemClock, type Clock } from '../../../src/lib/clock';
import { makeAuthority, makeCertificate, temporaryFolder } from './certificates';
import { ask, closeAll, startServer } from './harness';

const run = promisify(execFile);
const folder = temporaryFolder();

beforeAll(() => {
  makeAuthority(folder, 'ca');
  makeAuthority(folder, 'strangers-ca');
  makeCertificate(folder, 'server', 'ca', 'DNS:localhost,IP:127.0.0.1');
  makeCertificate(folder, 'good', 'ca', 'DNS:prometheus.example');
  makeCertificate(folder, 'forged', 'strangers-ca', 'DNS:prometheus.example');
});
afterAll(() => {
  folder.remove();
});
afterEach(closeAll);

const TLS = 'tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n';
const serve = (yaml: string, clock: Clock = systemClock): Promise<HttpServer> =>
  startServer({ webConfigFile: folder.write('web.yml', yaml), clock });

const shows = (name: string): ConnectionOptions => ({
  cert: folder.read(`${name}.pem`),
  key: folder.read(`${name}.key`),
});

/** The status of a request with this client certificate, or `refused`. */
async function statusWith(server: HttpServer, options: ConnectionOptions = {}): Promise<number | 'refused'> {
  const answer = ask(`${server.url()}/-/healthy`, { ca: folder.read('ca.pem'), ...options });
  return answer.then(
    ({ status }) => status,
    () => 'refused',
  );
}

test('HTTPS is served with the configured certificate, to curl too, and plain HTTP is not', async () => {
  const server = await serve(TLS);
  expect(server.url()).toMatch(/^https:/);
  expect(await statusWith(server)).toBe(200);
  const curl = await run('curl', ['-s', '--cacert', `${folder.path}/ca.pem`, `${server.url()}/-/healthy`]);
  expect(curl.stdout).toBe('turnkeeper is healthy.\n');
  await expect(ask(`${server.url().replace('https', 'http')}/-/healthy`)).rejects.toThrow();
});

describe('client certificates', () => {
  test.each([
    ['NoClientCert', '', [200, 200, 200]],
    ['RequestClientCert', '', [200, 200, 200]],
    ['RequireAnyClientCert', '', ['refused', 200, 200]],
    ['RequireClientCert', '', ['refused', 200, 200]],
    ['VerifyClientCertIfGiven', '  client_ca_file: ca.pem\n', [200, 'refused', 200]],
    ['RequireAndVerifyClientCert', '  client_ca_file: ca.pem\n', ['refused', 'refused', 200]],
  ])('%s: none, one of a strange authority, a good one', async (type, authority, expected) => {
    const server = await serve(`${TLS}${authority}  client_auth_type: ${type}\n`);
    const none = await statusWith(server);
    expect([none, await statusWith(server, shows('forged')), await statusWith(server, shows('good'))]).toEqual(
      expected,
    );
  });

  test.each([
    ['prometheus.example', 200],
    ['other.example', 'refused'],
  ])('with %s allowed', async (name, expected) => {
    const verify = '  client_ca_file: ca.pem\n  client_auth_type: RequireAndVerifyClientCert\n';
    const server = await serve(`${TLS}${verify}  client_allowed_sans: ["${name}"]\n`);
    expect(await statusWith(server, shows('good'))).toBe(expected);
  });
});

describe('versions, suites and curves', () => {
  /** What openssl's client negotiates, or undefined where the handshake fails. */
  async function negotiated(server: HttpServer, ...args: string[]): Promise<string | undefined> {
    const { port } = server.address();
    const client = run('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, ...args]);
    client.child.stdin?.end();
    const { stdout } = await client.catch((failed: unknown) => failed as { stdout: string });
    return /^New, (TLS\S+), Cipher is ([A-Z]\S*)/m.exec(stdout)?.slice(1).join(' ');
  }

  test('TLS 1.2 and 1.3 are the default, and a narrower range holds', async () => {
    const byDefault = await serve(TLS);
    expect(await negotiated(byDefault, '-tls1_2')).toMatch(/^TLSv1\.2/);
    expect(await negotiated(byDefault, '-tls1_3')).toMatch(/^TLSv1\.3/);
    expect(await negotiated(byDefault, '-tls1_1', '-cipher', 'DEFAULT@SECLEVEL=0')).toBeUndefined();
    const only13 = await serve(`${TLS}  min_version: TLS13\n`);
    expect(await negotiated(only13, '-tls1_2')).toBeUndefined();
    const only12 = await serve(`${TLS}  max_version: TLS12\n`);
    expect(await negotiated(only12, '-tls1_3')).toBeUndefined();
  });

  test('TLS 1.0 works for somebody who asks for it', async () => {
    const server = await serve(`${TLS}  min_version: TLS10\n`);
    expect(await negotiated(server, '-tls1', '-cipher', 'DEFAULT@SECLEVEL=0')).toContain('ECDHE-ECDSA');
  });

  test('only listed suites are taken in TLS 1.2, and TLS 1.3 stays on', async () => {
    const server = await serve(`${TLS}  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]\n`);
    expect(await negotiated(server, '-tls1_2')).toContain('ECDHE-ECDSA-AES256-GCM-SHA384');
    expect(await negotiated(server, '-tls1_2', '-cipher', 'ECDHE-ECDSA-AES128-GCM-SHA256')).toBeUndefined();
    expect(await negotiated(server, '-tls1_3')).toMatch(/^TLSv1\.3/);
  });

  test('only listed curves are taken', async () => {
    const server = await serve(`${TLS}  curve_preferences: [CurveP384]\n`);
    expect(await negotiated(server, '-curves', 'P-384')).toBeDefined();
    expect(await negotiated(server, '-curves', 'P-256')).toBeUndefined();
  });
});

describe('a changed certificate', () => {
  /** The system's clock, but what repeats does so quickly. */
  const hasty: Clock = {
    ...systemClock,
    every: (_ms, task, signal, onError) => {
      systemClock.every(25, task, signal, onError);
    },
  };

  const commonName = async (server: HttpServer): Promise<string> => {
    const socket = connect({ port: server.address().port, host: '127.0.0.1', rejectUnauthorized: false });
    await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
    const { subject } = socket.getPeerCertificate();
    socket.destroy();
    return String(subject.CN);
  };

  test('is used without a restart; a broken one is not, until it is whole', async () => {
    makeCertificate(folder, 'renewed', 'ca', 'DNS:localhost,IP:127.0.0.1');
    for (const kind of ['pem', 'key']) folder.write(`live.${kind}`, folder.read(`server.${kind}`));
    const server = await serve('tls_server_config:\n  cert_file: live.pem\n  key_file: live.key\n', hasty);
    expect(await commonName(server)).toBe('server');

    folder.write('live.pem', 'half a certifi');
    await sleep(200);
    expect(await commonName(server)).toBe('server');

    for (const kind of ['pem', 'key']) folder.write(`live.${kind}`, folder.read(`renewed.${kind}`));
    while ((await commonName(server)) !== 'renewed') await sleep(25);
  });

  test('comes into use also when the file that is missing comes after the configuration that names it', async () => {
    const server = await serve(TLS, hasty);
    folder.write('web.yml', TLS.replaceAll('server.', 'later.'));
    await sleep(200);
    expect(await commonName(server)).toBe('server');
    makeCertificate(folder, 'later', 'ca', 'DNS:localhost');
    while ((await commonName(server)) !== 'later') await sleep(25);
  });

  test('stricter than before also meets a client that resumes a session from then', async () => {
    const policy = (type: string): string => `${TLS}  client_ca_file: ca.pem\n  client_auth_type: ${type}\n`;
    const server = await serve(policy('VerifyClientCertIfGiven'), hasty);
    const session = await sessionOf(server);
    expect(await statusWith(server, { session })).toBe(200);
    folder.write('web.yml', policy('RequireAndVerifyClientCert'));
    await sleep(200);
    expect(await statusWith(server, { session })).toBe('refused');
    expect(await statusWith(server, shows('good'))).toBe(200);
  });

  test('cannot turn TLS off under a running server', async () => {
    const server = await serve(TLS, hasty);
    folder.write('web.yml', '{}');
    await sleep(200);
    expect(await statusWith(server)).toBe(200);
    expect(server.url()).toMatch(/^https:/);
  });
});

/** The TLS session that a client without a certificate gets. */
function sessionOf(server: HttpServer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: server.address().port, host: '127.0.0.1', ca: folder.read('ca.pem') });
    socket.on('error', reject);
    socket.on('session', (session) => {
      socket.destroy();
      resolve(session);
    });
  });
}

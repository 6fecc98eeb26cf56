import { networkInterfaces } from 'node:os';
import { hash } from 'bcryptjs';
import type { HttpServer, HttpServerOptions } from '../../../src/http/server';
import { apiKey, bearer } from './api-keys';
import { temporaryFolder } from './certificates';
import { ask, closeAll, errorOf, startServer, type Answer } from './harness';

afterEach(closeAll);

const KEYS = [
  apiKey('signalling-key', 'credentials'),
  apiKey('grafana-key', 'read'),
  apiKey('both-key', 'credentials', 'read'),
  apiKey('operator-key', 'admin'),
];

const CREDENTIALS = [
  ['GET', '/turncredential'],
  ['GET', '/?service=turn'],
  ['POST', '/v1/credentials'],
] as const;
const READ = [
  ['GET', '/v1/sessions'],
  ['GET', '/v1/sessions/none'],
  ['GET', '/v1/usage'],
  ['HEAD', '/v1/events'],
  ['GET', '/openapi.json'],
] as const;
const ADMIN = [
  ['DELETE', '/v1/sessions/none'],
  ['DELETE', '/v1/users/nobody'],
  ['POST', '/v1/credentials/rotate'],
] as const;
const ALL = [...CREDENTIALS, ...READ, ...ADMIN];

/** Reachable from other machines, so that only a key passes. */
const beyondLoopback = (options: Partial<HttpServerOptions> = {}): Promise<HttpServer> =>
  startServer({ listen: { host: '0.0.0.0', port: 0 }, keys: KEYS, ...options });

const send = (server: HttpServer, [method, path]: readonly [string, string], headers = {}): Promise<Answer> =>
  ask(`http://127.0.0.1:${server.address().port}${path}`, { method, headers });

describe('beyond loopback', () => {
  test.each(ALL)('%s %s needs a key, and says how to give one', async (...call) => {
    const answer = await send(await beyondLoopback(), call);
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, 'Bearer realm="turnkeeper"']);
    if (call[0] === 'HEAD') return;
    expect(errorOf(answer)).toMatchObject({
      code: 'unauthorized',
      message: expect.stringContaining('Authorization: Bearer') as string,
    });
  });

  test.each(['/metrics', '/', '/-/healthy', '/-/ready'])('%s needs none', async (path) => {
    expect((await send(await beyondLoopback(), ['GET', path])).status).toBe(200);
  });

  test('a call that there is not, or not with this method, tells nothing more to somebody without a key', async () => {
    const server = await beyondLoopback();
    expect((await send(server, ['GET', '/v1/none'])).status).toBe(404);
    expect((await send(server, ['PUT', '/v1/usage'])).status).toBe(405);
  });
});

describe('a key', () => {
  const may = {
    'signalling-key': CREDENTIALS,
    'grafana-key': READ,
    'both-key': [...CREDENTIALS, ...READ],
    'operator-key': ALL,
  };

  test.each(Object.entries(may))('%s may do what its scopes say, and nothing else', async (key, allowed) => {
    const server = await beyondLoopback();
    for (const call of ALL) {
      const { status } = await send(server, call, bearer(key));
      // 404 where a session is asked for that there is not: the key has passed.
      if ((allowed as readonly unknown[]).includes(call))
        expect([call, [200, 201, 404].includes(status)]).toEqual([call, true]);
      else expect([call, status]).toEqual([call, 403]);
    }
  });

  test.each([
    ['grafana-key', ADMIN[0], 'admin'],
    ['grafana-key', CREDENTIALS[0], 'credentials'],
    ['signalling-key', READ[0], 'read'],
  ])('%s without the scope for %s is told its name and the scope', async (key, call, scope) => {
    const answer = await send(await beyondLoopback(), call, bearer(key));
    expect(answer.status).toBe(403);
    expect(errorOf(answer).code).toBe('forbidden');
    expect(errorOf(answer).message).toMatch(new RegExp(`The key name-of-${key} lacks the scope ${scope}`));
    expect(answer.text).not.toContain(`"${key}"`);
  });

  test.each([
    ['that there is not', 'guess'],
    ['that is the hash of one', KEYS[0]?.sha256 ?? ''],
    ['that is the name of one', 'name-of-grafana-key'],
    ['in other letters', 'GRAFANA-KEY'],
    ['with something after it', 'grafana-key x'],
    ['of 10,000 characters', 'k'.repeat(10_000)],
    ['with letters that are not ASCII', 'gräfana-key'],
  ])('%s is refused, and not repeated', async (_what, key) => {
    const answer = await send(await beyondLoopback(), READ[0], bearer(key));
    expect([answer.status, errorOf(answer).code]).toEqual([401, 'unauthorized']);
    expect(errorOf(answer).message).toMatch(/This key is not known here/);
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer /);
    expect(answer.text).not.toContain(key);
  });

  test.each([`Basic ${Buffer.from('grafana-key:').toString('base64')}`, 'grafana-key', 'Bearer', 'Digest grafana-key'])(
    'is taken as a bearer token alone, not as %j',
    async (authorization) => {
      expect((await send(await beyondLoopback(), READ[0], { authorization })).status).toBe(401);
    },
  );

  test('is taken whatever the letters of the scheme, and with spaces around it (RFC 9110 section 11.1)', async () => {
    const server = await beyondLoopback();
    for (const authorization of ['bearer grafana-key', 'BEARER   grafana-key  ']) {
      expect((await send(server, READ[0], { authorization })).status).toBe(200);
    }
  });

  test('in the query is none: it would stand in logs', async () => {
    const answer = await send(await beyondLoopback(), ['GET', '/v1/usage?access_token=grafana-key']);
    expect(answer.status).toBe(401);
  });
});

describe('on loopback', () => {
  test('programs on this machine need none, also where there are some', async () => {
    for (const keys of [[], KEYS]) {
      const server = await startServer({ keys });
      for (const call of ALL) expect([200, 201, 404]).toContain((await send(server, call)).status);
    }
  });

  test('a page of another site, a rebound name and a proxy need one, and pass with it', async () => {
    const server = await startServer({ keys: KEYS });
    for (const headers of [
      { origin: 'https://evil.example' },
      { host: 'evil.example' },
      { 'x-forwarded-for': '192.0.2.1' },
    ]) {
      expect((await send(server, READ[0], headers)).status).toBe(401);
      expect((await send(server, READ[0], { ...headers, ...bearer('grafana-key') })).status).toBe(200);
    }
  });

  test('a wrong key does not pass for none, and one with too little does not either', async () => {
    const server = await startServer({ keys: KEYS });
    expect((await send(server, READ[0], bearer('guess'))).status).toBe(401);
    expect((await send(server, ADMIN[0], bearer('grafana-key'))).status).toBe(403);
    expect((await send(await startServer(), READ[0], bearer('guess'))).status).toBe(401);
    // The empty key: Node.js cuts the space off.
    expect((await send(server, READ[0], { authorization: 'Bearer ' })).status).toBe(401);
  });
});

describe('beside the users of a web configuration', () => {
  const folder = temporaryFolder();
  let webConfigFile = '';
  beforeAll(async () => {
    webConfigFile = folder.write('web.yml', `basic_auth_users: { prometheus: "${await hash('right', 10)}" }\n`);
  });
  afterAll(() => {
    folder.remove();
  });
  const password = { authorization: `Basic ${Buffer.from('prometheus:right').toString('base64')}` };

  test('a key passes instead of a password, for the routes that need neither as well', async () => {
    const server = await beyondLoopback({ webConfigFile });
    for (const call of [...READ, ['GET', '/metrics'] as const]) {
      expect((await send(server, call)).status).toBe(401);
      expect([200, 404]).toContain((await send(server, call, bearer('grafana-key'))).status);
    }
  });

  test('it may do no more than without them, and one that there is not gets no further than a wrong password', async () => {
    const server = await beyondLoopback({ webConfigFile });
    expect((await send(server, ADMIN[0], bearer('grafana-key'))).status).toBe(403);
    for (const path of ['/metrics', '/v1/sessions']) {
      const answer = await send(server, ['GET', path], bearer('guess'));
      expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, expect.stringMatching(/^Basic /)]);
    }
  });

  test('a password is no key', async () => {
    const server = await beyondLoopback({ webConfigFile });
    expect((await send(server, ['GET', '/metrics'], password)).status).toBe(200);
    expect((await send(server, READ[0], password)).status).toBe(401);
    const local = await startServer({ webConfigFile, keys: KEYS });
    expect((await send(local, READ[0], password)).status).toBe(200);
  });
});

describe('a key from another machine without TLS', () => {
  /** An address of this machine that is none of loopback: requests to it come from it. */
  const outside = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
  const ifOutside = outside === undefined ? test.skip : test;

  const usage = async (allowPlaintext: boolean): Promise<Answer> => {
    const server = await startServer({
      listen: { host: '0.0.0.0', port: 0 },
      keys: [apiKey('billing', 'read')],
      allowPlaintext,
    });
    const url = `http://${outside ?? ''}:${server.address().port}/v1/usage`;
    return ask(url, { headers: bearer('billing') });
  };

  ifOutside('is refused, and what to do is said', async () => {
    const answer = await usage(false);
    expect([answer.status, errorOf(answer).code]).toEqual([403, 'forbidden']);
    expect(errorOf(answer).message).toMatch(/not encrypted: use TLS .* or set web\.allowPlaintext/);
  });

  ifOutside('is taken where the configuration says so', async () => {
    expect((await usage(true)).status).toBe(200);
  });
});

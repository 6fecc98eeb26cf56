import { hash } from 'bcryptjs';
import type { HttpServer, HttpServerOptions } from '../../../src/http/server';
import { apiKey, bearer } from './api-keys';
import { temporaryFolder } from './certificates';
import { ask, closeAll, errorOf, startServer, type Answer } from './harness';

afterEach(closeAll);

const LISTED = 'https://app.example.org';
const UNLISTED = ['https://evil.example', 'http://app.example.org', 'https://app.example.org:8443', 'null', '*', ''];
const CALLS = [
  ['POST', '/v1/credentials'],
  ['GET', '/turncredential'],
  ['GET', '/?service=turn'],
] as const;

const start = (options: Partial<HttpServerOptions> = {}): Promise<HttpServer> =>
  startServer({ cors: ['https://other.example.org', LISTED], keys: [apiKey('page-key', 'credentials')], ...options });

const send = (server: HttpServer, [method, path]: readonly [string, string], headers = {}): Promise<Answer> =>
  ask(`${server.url()}${path}`, { method, headers });

const preflight = (server: HttpServer, [method, path]: readonly [string, string], origin: string): Promise<Answer> =>
  send(server, ['OPTIONS', path], {
    origin,
    'access-control-request-method': method,
    'access-control-request-headers': 'authorization,content-type',
    'sec-fetch-site': 'cross-site',
  });

const corsHeaders = ({ headers }: Answer): string[] =>
  Object.keys(headers).filter((name) => name.startsWith('access-control-'));

describe.each(CALLS)('%s %s', (...call) => {
  test('a preflight of a listed origin is answered, with no key and nothing more than is needed', async () => {
    const answer = await preflight(await start(), call, LISTED);
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': LISTED,
      'access-control-allow-methods': call[0] === 'GET' ? 'GET,HEAD' : 'POST',
      'access-control-allow-headers': 'Authorization,Content-Type',
      vary: 'Origin',
    });
    expect(answer.headers).not.toHaveProperty('access-control-allow-credentials');
  });

  test('a page of a listed origin gets an answer that it may read, with a key', async () => {
    const answer = await send(await start(), call, { origin: LISTED, ...bearer('page-key') });
    expect([200, 201]).toContain(answer.status);
    expect(answer.headers).toMatchObject({ 'access-control-allow-origin': LISTED, vary: 'Origin' });
  });

  test('without a key it is refused, also on this machine, and may read why', async () => {
    const answer = await send(await start(), call, { origin: LISTED, 'sec-fetch-site': 'cross-site' });
    expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([401, LISTED]);
    expect(errorOf(answer).code).toBe('unauthorized');
  });

  test.each(UNLISTED)('the origin %j gets no CORS header, neither for a preflight nor with a key', async (origin) => {
    const server = await start();
    const answers = [
      await preflight(server, call, origin),
      await send(server, call, { origin, ...bearer('page-key') }),
      await send(server, call, { origin }),
    ];
    expect(answers.map(corsHeaders)).toEqual([[], [], []]);
    expect(answers[0]?.status).not.toBe(204);
  });

  test('caches are told that the answer depends on the origin, also where there was none', async () => {
    const server = await start();
    for (const headers of [{}, { origin: 'https://evil.example' }])
      expect((await send(server, call, headers)).headers.vary).toContain('Origin');
  });

  test('without a list nothing changes', async () => {
    const server = await start({ cors: [] });
    const answer = await preflight(server, call, LISTED);
    expect([answer.status, corsHeaders(answer), answer.headers.vary]).toEqual([expect.any(Number), [], undefined]);
    expect(answer.status).not.toBe(204);
  });
});

test.each([
  ['GET', '/'],
  ['GET', '/metrics'],
  ['GET', '/v1/sessions'],
  ['GET', '/v1/usage'],
  ['POST', '/v1/credentials/rotate'],
  ['DELETE', '/v1/users/alice'],
] as const)('%s %s is not for pages: a listed origin gets no CORS header', async (...call) => {
  const server = await start();
  expect(corsHeaders(await preflight(server, call, LISTED))).toEqual([]);
  expect(corsHeaders(await send(server, call, { origin: LISTED, ...bearer('page-key') }))).toEqual([]);
});

test('a refusal by a limit may be read by the page, with the time to wait', async () => {
  const credentialLimits = {
    perKey: { count: 1, seconds: 60 },
    perUser: 'unlimited',
    perAddress: 'unlimited',
  } as const;
  const server = await start({ credentialLimits });
  const ask = (): Promise<Answer> => send(server, CALLS[0], { origin: LISTED, ...bearer('page-key') });
  await ask();
  const answer = await ask();
  expect(answer.status).toBe(429);
  expect(answer.headers).toMatchObject({
    'access-control-allow-origin': LISTED,
    'access-control-expose-headers': 'Retry-After',
    'retry-after': expect.stringMatching(/^\d+$/) as string,
  });
});

test('where a web configuration asks for passwords, a preflight needs none, and the call that follows a key', async () => {
  const folder = temporaryFolder();
  try {
    const webConfigFile = folder.write('web.yml', `basic_auth_users: { prometheus: "${await hash('right', 4)}" }\n`);
    const server = await start({ webConfigFile });
    expect((await preflight(server, CALLS[0], LISTED)).status).toBe(204);
    expect((await send(server, CALLS[0], { origin: LISTED })).status).toBe(401);
    expect((await send(server, CALLS[0], { origin: LISTED, ...bearer('page-key') })).status).toBe(201);
  } finally {
    folder.remove();
  }
});

import fc from 'fast-check';
import { restPassword } from '../../../src/turn/rest-credential';
import { testIssuer } from '../../support/issuer';
import { ask, closeAll, credentialCalls, errorOf, startServer, type Answer } from './harness';

afterEach(closeAll);

const JSON_TYPE = { 'content-type': 'application/json' };

async function post(body: string, headers: Record<string, string> = JSON_TYPE): Promise<Answer> {
  return ask(`${(await startServer()).url()}/v1/credentials`, { method: 'POST', body, headers });
}

describe('POST /v1/credentials', () => {
  test('gives a credential for the user, never to be cached', async () => {
    const answer = await post('{"user":"alice","ttl":60,"label":"room-7"}');
    expect([answer.status, answer.headers['cache-control']]).toEqual([201, 'no-store']);
    const made = JSON.parse(answer.text) as Record<string, unknown>;
    expect(made['username']).toMatch(/^\d{10}:alice#room-7$/);
    expect(made).toMatchObject({
      password: restPassword('a-test-secret', String(made['username'])),
      ttl: 60,
      uris: ['turn:127.0.0.1:3478?transport=udp', 'turn:127.0.0.1:3478?transport=tcp'],
      iceServers: [{ username: made['username'], credential: made['password'], urls: made['uris'] }],
    });
  });

  test('needs no body at all', async () => {
    const answer = await ask(`${(await startServer()).url()}/v1/credentials`, { method: 'POST' });
    expect(answer.status).toBe(201);
  });

  test.each([
    ['{"user":', 400, 'bad_request', /not valid JSON/],
    ['"text"', 400, 'bad_request', /expected a mapping/],
    ['null', 201, '', /^/],
    ['[]', 400, 'bad_request', /expected a mapping/],
    [
      '{"user":7,"ttl":"1h","extra":1}',
      400,
      'bad_request',
      /user: expected a text; ttl: expected a number; unknown key extra/,
    ],
    ['{"user":"a b","ttl":99999999}', 400, 'bad_request', /user must be printable.*; ttl must be .* to 86400/],
    ['{"__proto__":{"user":"x"}}', 400, 'bad_request', /unknown key __proto__/],
    ['{"ttl":1e999}', 400, 'bad_request', /ttl/],
  ])('answers %s with %d %s', async (body, status, code, message) => {
    const answer = await post(body);
    expect(answer.status).toBe(status);
    if (status === 201) return;
    expect(errorOf(answer).code).toBe(code);
    expect(errorOf(answer).message).toMatch(message);
  });

  test.each([
    { 'content-type': 'text/plain' },
    { 'content-type': 'application/x-www-form-urlencoded' },
    { ...JSON_TYPE, 'content-encoding': 'gzip' },
    { 'content-type': 'application/json; charset=latin1' },
  ])('takes JSON alone: %j is 415', async (headers) => {
    const answer = await post('{}', headers);
    expect([answer.status, errorOf(answer).code]).toEqual([415, 'unsupported_media_type']);
  });

  test('refuses a body that says or turns out to be above 16 KiB', async () => {
    const body = JSON.stringify({ user: 'x'.repeat(20_000) });
    const announced = await post(body);
    expect([announced.status, errorOf(announced).code]).toEqual([413, 'too_large']);
    const chunked = await post(body, { ...JSON_TYPE, 'transfer-encoding': 'chunked' });
    expect([chunked.status, errorOf(chunked).code]).toEqual([413, 'too_large']);
  });
});

test('GET /turncredential has exactly the shape of the original monitor', async () => {
  const before = Date.now();
  const answer = await ask(`${(await startServer()).url()}/turncredential`);
  const made = JSON.parse(answer.text) as { userid: string; password: string; expired_time: number };
  expect(answer.headers['cache-control']).toBe('no-store');
  expect(made).toEqual({
    type: 'result',
    code: 'ok',
    userid: expect.stringMatching(/^\d{10}:anonymous-/) as string,
    password: restPassword('a-test-secret', made.userid),
    expired_time: expect.any(Number) as number,
  });
  expect(made.expired_time).toBe(Number(made.userid.split(':')[0]) * 1000);
  expect(Math.abs(made.expired_time - before - 3_600_000)).toBeLessThan(5000);
});

describe('GET /?service=turn', () => {
  test('answers as the TURN REST draft has it', async () => {
    const url = (await startServer()).url();
    const answer = await ask(`${url}/?service=turn&username=bob&ttl=120&key=ignored`);
    expect(JSON.parse(answer.text)).toMatchObject({ username: expect.stringMatching(/:bob$/) as string, ttl: 120 });
    expect((await ask(`${url}/?service=turn&username=`)).status).toBe(200);
  });

  test.each([
    'service=stun',
    'service=turn&ttl=1h',
    'service=turn&username=a&username=b',
    'service=turn&ttl=0',
    'service=',
  ])('%s is 400', async (query) => {
    const answer = await ask(`${(await startServer()).url()}/?${query}`);
    expect([answer.status, errorOf(answer).code]).toEqual([400, 'bad_request']);
  });
});

describe('a credential is refused', () => {
  const asks = [
    ['/turncredential', 'GET'],
    ['/?service=turn', 'GET'],
    ['/v1/credentials', 'POST'],
  ] as const;

  test.each(asks)('to a page of another site that asks for %s', async (path, method) => {
    const url = `${(await startServer()).url()}${path}`;
    for (const headers of [
      { origin: 'https://evil.example' },
      { 'sec-fetch-site': 'cross-site' },
      { host: 'evil.example' },
    ]) {
      const answer = await ask(url, { method, headers });
      expect([answer.status, errorOf(answer).code]).toEqual([401, 'unauthorized']);
    }
  });

  test.each(asks)('where the server listens beyond loopback: %s', async (path, method) => {
    const server = await startServer({ listen: { host: '0.0.0.0', port: 0 } });
    const answer = await ask(`http://127.0.0.1:${server.address().port}${path}`, { method });
    expect(answer.status).toBe(401);
    expect(errorOf(answer).message).toMatch(/listens beyond loopback/);
  });

  test('but not on IPv6 loopback', async () => {
    const server = await startServer({ listen: { host: '::1', port: 0 } });
    expect(server.url()).toMatch(/^http:\/\/\[::1\]:\d+$/);
    expect((await ask(`${server.url()}/turncredential`)).status).toBe(200);
  });
});

test.each(['2026-11-22', 'tomorrow', '2026-11-22T08:00:00', ''])(
  'a user is not revoked until "%s": that is no moment',
  async (until) => {
    const answer = await ask(`${(await startServer()).url()}/v1/users/alice?until=${until}`, { method: 'DELETE' });
    expect([answer.status, errorOf(answer).message]).toEqual([
      400,
      expect.stringMatching(/^until: expected a date-time/),
    ]);
  },
);

test('a user with a label, as usage records have it, is no user to revoke: nobody would be', async () => {
  const answer = await ask(`${(await startServer()).url()}/v1/users/alice%23room-7`, { method: 'DELETE' });
  expect([answer.status, errorOf(answer).message]).toEqual([400, expect.stringMatching(/^A user is revoked with all/)]);
});

test('the audit log tells a revocation that also rotates from one of a user alone', async () => {
  const lines: object[] = [];
  const calls = {
    ...credentialCalls(testIssuer('a-test-secret')),
    audit: { record: (entry: object) => lines.push(entry) },
  };
  const url = (await startServer({ credentials: calls })).url();
  for (const query of ['', '?rotate=true']) await ask(`${url}/v1/users/alice${query}`, { method: 'DELETE' });
  expect(lines).toMatchObject([
    { what: 'revoke', user: 'alice', outcome: 'done' },
    { what: 'revoke', rotate: true },
  ]);
  expect(lines[0]).toHaveProperty('rotate', undefined);
});

test('whatever is asked for, the answer is a credential or a sentence that says why not', async () => {
  const url = (await startServer()).url();
  const value = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.double(),
    fc.constantFrom(null, true, [], {}, 'alice', 60, 1e308),
  );
  const body = fc
    .dictionary(fc.constantFrom('user', 'ttl', 'label', '__proto__', 'x'), value)
    .map((object) => JSON.stringify(object));
  const path = fc
    .tuple(
      fc.constantFrom('/v1/users/', '/v1/users/%', '/?service=turn&username=', '/v1/credentials/'),
      fc.webQueryParameters(),
    )
    .map(([start, text]) => start + text.slice(0, 200));
  const question = fc.oneof(
    body.map((text) => ({ path: '/v1/credentials', method: 'POST', body: text, headers: JSON_TYPE })),
    fc
      .string({ unit: 'binary' })
      .map((text) => ({ path: '/v1/credentials', method: 'POST', body: text, headers: JSON_TYPE })),
    fc.record({ path, method: fc.constantFrom('GET', 'POST', 'DELETE', 'PUT') }),
  );
  await fc.assert(
    fc.asyncProperty(question, async ({ path: asked, ...options }) => {
      const answer = await ask(url + asked, options);
      expect(answer.status).toBeLessThan(500);
      if (answer.status >= 400) expect(errorOf(answer).message).toMatch(/\S/);
    }),
    { numRuns: 400 },
  );
});

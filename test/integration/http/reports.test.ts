import { configSchema } from '../../../src/config/schema';
import type { HttpServer } from '../../../src/http/server';
import type { Reports } from '../../../src/reports/reports';
import { eventually } from '../../support/eventually';
import { apiKey, bearer } from './api-keys';
import { ask, closeAll, errorOf, rawConnection, startServer, testReports, type Answer } from './harness';

afterEach(closeAll);

const FAILED = { layer: 'ice', state: 'failed' };

async function serverWith(settings: object = {}, more: object = {}): Promise<{ server: HttpServer; reports: Reports }> {
  const reports = testReports((user) => ({ alice: true, bob: false })[user]);
  const calls = { reports, settings: configSchema.parse({ reports: settings }).reports };
  return { server: await startServer({ reports: calls, ...more }), reports };
}

const post = (server: HttpServer, body: unknown, headers: object = {}): Promise<Answer> =>
  ask(`${server.url()}/v1/reports`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' || body instanceof Buffer ? body : JSON.stringify(body),
  });

describe('what is reported', () => {
  test('one report, with all that it may hold, is counted and matched to its user', async () => {
    const { server, reports } = await serverWith();
    const answer = await post(server, {
      layer: 'ice',
      state: 'connected',
      id: 'f47ac10b',
      user: 'alice',
      candidateTypes: { local: 'relay', remote: 'srflx' },
      roundTripTimeSeconds: 0.08,
    });
    expect([answer.status, answer.headers['cache-control']]).toEqual([202, 'no-store']);
    expect(JSON.parse(answer.text)).toEqual({ accepted: 1, counted: 1, matched: 1 });
    expect(reports.counts.connections.ice.connected.yes).toBe(1);
    expect(reports.counts.candidatePairs.relay.srflx).toBe(1);
  });

  test('a list is counted report by report', async () => {
    const { server, reports } = await serverWith();
    const score = { layer: 'media', of: 'producer', score: 9 };
    const again = { ...FAILED, id: 'a', user: 'bob' };
    const answer = await post(server, [FAILED, again, again, { layer: 'sctp', state: 'failed' }, score]);
    expect(JSON.parse(answer.text)).toEqual({ accepted: 5, counted: 4, matched: 2 });
    expect(reports.total).toEqual({ ice: 2, dtls: 0, sctp: 1 });
  });
});

describe('what is refused, and counts nothing', () => {
  const nonsense: readonly [unknown, RegExp][] = [
    ['{', /not valid JSON/],
    ['null', /expected a mapping/],
    [[], /must not be empty/],
    [[FAILED, 'x'], /\[1\]: expected a mapping/],
    [{ ...FAILED, layer: 'tcp' }, /layer: expected one of ice, dtls, sctp, media/],
    [{ ...FAILED, state: 'broken' }, /state: expected one of/],
    [{ ...FAILED, ip: '192.0.2.1' }, /unknown key ip/],
    [{ ...FAILED, id: '' }, /id: must not be empty/],
    [{ ...FAILED, id: 'x'.repeat(65) }, /id: must have at most 64/],
    [{ ...FAILED, user: 'x'.repeat(1025) }, /user: must have at most 1024/],
    [{ ...FAILED, user: 'a\0' }, /user: must not hold a NUL/],
    [{ ...FAILED, candidateTypes: { local: 'host' } }, /candidateTypes\.remote/],
    [{ ...FAILED, candidateTypes: { local: '__proto__', remote: 'host' } }, /candidateTypes\.local/],
    [{ ...FAILED, roundTripTimeSeconds: -1 }, /roundTripTimeSeconds/],
    [{ ...FAILED, roundTripTimeSeconds: 61 }, /roundTripTimeSeconds/],
    ['{"layer":"ice","state":"connected","roundTripTimeSeconds":1e999}', /roundTripTimeSeconds/],
    [{ layer: 'dtls', state: 'connected', roundTripTimeSeconds: 1 }, /unknown key/],
    [{ layer: 'media', of: 'producer', score: 11 }, /score: must be at most 10/],
    [{ layer: 'media', of: 'constructor', score: 1 }, /of: expected one of/],
    [Array.from({ length: 101 }, () => FAILED), /must have at most 100 entries/],
  ];
  test.each(nonsense)('%j', async (body, why) => {
    const { server, reports } = await serverWith();
    const answer = await post(server, body);
    expect([answer.status, errorOf(answer).message]).toEqual([400, expect.stringMatching(why)]);
    expect([reports.counts.taken, reports.total.ice, reports.counts.refused.request]).toEqual([0, 0, 1]);
  });

  test('a list with one bad report, whole: it may be sent again without counting twice', async () => {
    const { server, reports } = await serverWith();
    expect((await post(server, [FAILED, FAILED, { layer: 'ice' }])).status).toBe(400);
    expect([reports.total.ice, reports.counts.taken]).toEqual([0, 0]);
  });

  test('a thousand mistakes are not all said', async () => {
    const { server } = await serverWith();
    const answer = await post(
      server,
      Array.from({ length: 100 }, () => ({ layer: 'ice', state: 'x', id: 1 })),
    );
    expect(answer.status).toBe(400);
    expect(answer.text.length).toBeLessThan(1000);
  });

  test('what sendBeacon would send without asking: a text', async () => {
    const { server, reports } = await serverWith();
    const answer = await post(server, FAILED, { 'content-type': 'text/plain;charset=UTF-8' });
    expect([answer.status, errorOf(answer).code]).toEqual([415, 'unsupported_media_type']);
    expect(reports.counts.refused.request).toBe(1);
  });

  test('a body that is too large, announced or not', async () => {
    const { server, reports } = await serverWith();
    expect((await post(server, ' '.repeat(20_000))).status).toBe(413);
    const { socket, received } = rawConnection(server);
    const chunk = `${(2000).toString(16)}\r\n${' '.repeat(2000)}\r\n`;
    socket.write('POST /v1/reports HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n');
    socket.write('Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n');
    socket.write(`${chunk.repeat(10)}0\r\n\r\n`);
    expect(await received).toMatch(/^HTTP\/1\.1 413 /);
    expect(reports.counts.taken).toBe(0);
  });

  test('other methods', async () => {
    const { server } = await serverWith();
    const answer = await ask(`${server.url()}/v1/reports`);
    expect([answer.status, answer.headers['allow']]).toEqual([405, 'POST']);
  });
});

describe('who may report', () => {
  const keys = (['report', 'credentials', 'admin', 'read'] as const).map((scope) => apiKey(scope, scope));

  test('keys of the scopes report, credentials and admin; not read, not a guess, and who has none from this machine alone', async () => {
    const { server, reports } = await serverWith({}, { keys });
    const statuses: number[] = [];
    for (const key of ['report', 'credentials', 'admin', 'read', 'guess'])
      statuses.push((await post(server, FAILED, bearer(key))).status);
    expect(statuses).toEqual([202, 202, 202, 403, 401]);
    expect((await post(server, FAILED)).status).toBe(202);
    expect((await post(server, FAILED, { 'x-forwarded-for': '192.0.2.1' })).status).toBe(401);
    expect((await post(server, FAILED, { origin: 'https://evil.example' })).status).toBe(401);
    expect([reports.counts.refused.forbidden, reports.total.ice]).toEqual([4, 4]);
  });

  test('a key for reports, which pages can have, may do nothing else', async () => {
    const { server } = await serverWith({}, { keys });
    const calls = [
      ['POST', '/v1/credentials'],
      ['GET', '/turncredential'],
      ['GET', '/?service=turn'],
      ['GET', '/v1/sessions'],
      ['GET', '/v1/usage'],
      ['GET', '/v1/events'],
      ['GET', '/openapi.json'],
      ['POST', '/v1/credentials/rotate'],
      ['DELETE', '/v1/users/alice'],
      ['DELETE', '/v1/sessions/x'],
    ] as const;
    for (const [method, path] of calls) {
      const answer = await ask(`${server.url()}${path}`, { method, headers: bearer('report') });
      expect([path, answer.status]).toEqual([path, 403]);
    }
  });

  test('a page of a listed origin, with a key, after its browser asked', async () => {
    const origin = 'https://app.example.org';
    const { server } = await serverWith({}, { keys, cors: [origin] });
    const preflight = await ask(`${server.url()}/v1/reports`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST' },
    });
    expect([preflight.status, preflight.headers['access-control-allow-origin']]).toEqual([204, origin]);
    expect(preflight.headers['access-control-allow-headers']).toContain('Authorization');
    const answer = await post(server, FAILED, { ...bearer('report'), origin });
    expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([202, origin]);
  });
});

describe('how much', () => {
  const keys = [apiKey('first', 'report'), apiKey('second', 'report')];

  test('a key that reported enough is told when again; another one, and this machine, go on', async () => {
    const { server, reports } = await serverWith({ limits: { perKey: '2/1s' } }, { keys });
    const statuses: number[] = [];
    for (const body of [FAILED, 'nonsense', FAILED]) statuses.push((await post(server, body, bearer('first'))).status);
    expect(statuses).toEqual([202, 400, 429]);
    const refused = await post(server, FAILED, bearer('first'));
    expect(refused.headers['retry-after']).toBe('1');
    expect(errorOf(refused)).toEqual({
      code: 'too_many',
      message: 'This key has reported enough for now (reports.limits.perKey: 2/1s): try again in 1 s.',
    });
    expect(reports.counts.refused.limit).toBe(2);
    expect((await post(server, FAILED, bearer('second'))).status).toBe(202);
    expect((await post(server, FAILED)).status).toBe(202);
    await eventually('the key may again', async () => (await post(server, FAILED, bearer('first'))).status === 202);
  });

  test('reports whose ids never repeat do not make memory grow without end', async () => {
    const { reports } = await serverWith();
    const batch = (from: number) =>
      Array.from(
        { length: 1000 },
        (_, i) => ({ layer: 'ice', state: 'failed', id: `connection-${from + i}` }) as const,
      );
    for (let from = 0; from < 60_000; from += 1000) reports.take(batch(from));
    expect(reports.take(batch(59_000)).counted).toBe(0);
    expect(reports.take(batch(0)).counted).toBe(1000);
  });
});

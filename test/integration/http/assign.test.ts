import type { Assigned, Assignment, AssignRequest } from '../../../src/fleet/assign/assignments';
import { UserError } from '../../../src/lib/errors';
import { restPassword } from '../../../src/turn/rest-credential';
import { testIssuer } from '../../support/issuer';
import { apiKey, bearer } from './api-keys';
import { NODE } from './fleet';
import { ask, closeAll, credentialCalls, errorOf, startServer, type Answer } from './harness';

afterEach(closeAll);

const PATH = '/v1/relays/assign';
const JSON_TYPE = { 'content-type': 'application/json' };
const ASSIGNED: Assigned = {
  kind: 'assigned',
  relay: { server: 'turn2', node: { ...NODE, uris: ['turn:10.0.0.6:3478?transport=udp'] }, updatedAt: 0 },
  why: 'In region kr, the least used of 3 that will do.',
  reservedUntil: Date.UTC(2030, 0, 1),
  isShared: true,
};

/** Assignments that give this, and note what they are asked for. */
function giving(assignment: Assignment | Error) {
  const asked: AssignRequest[] = [];
  const released: string[] = [];
  return {
    asked,
    released,
    assign: (request: AssignRequest) => {
      asked.push(request);
      return assignment instanceof Error ? Promise.reject(assignment) : Promise.resolve(assignment);
    },
    release: (task: string) => Promise.resolve(released.push(task) === 1),
  };
}

async function post(body: object, options: Parameters<typeof startServer>[0] = {}, headers = {}): Promise<Answer> {
  const url = `${(await startServer({ assignments: giving(ASSIGNED), ...options })).url()}${PATH}`;
  return ask(url, { method: 'POST', body: JSON.stringify(body), headers: { ...JSON_TYPE, ...headers } });
}

describe('POST /v1/relays/assign', () => {
  test("gives a relay, why, and a credential with that relay's URIs, never to be cached", async () => {
    const assignments = giving(ASSIGNED);
    const wanted = { task: 'room 7', isp: 'kt', region: 'kr', strategy: 'weighted', reserveSeconds: 30 };
    const answer = await post({ ...wanted, user: 'alice', ttl: 60 }, { assignments });
    expect([answer.status, answer.headers['cache-control']]).toEqual([201, 'no-store']);
    expect(assignments.asked).toEqual([wanted]);
    const made = JSON.parse(answer.text) as Record<string, unknown>;
    const uris = ['turn:10.0.0.6:3478?transport=udp'];
    expect(made).toMatchObject({
      relay: { server: 'turn2', restAddr: '10.0.0.5:9642', region: 'kr' },
      why: ASSIGNED.why,
      reservedUntil: '2030-01-01T00:00:00.000Z',
      shared: true,
      ttl: 60,
      uris,
      password: restPassword('a-test-secret', String(made['username'])),
      iceServers: [{ urls: uris, username: made['username'], credential: made['password'] }],
    });
    expect(made['username']).toMatch(/^\d{10}:alice$/);
    expect(answer.text).not.toContain('an agent');
  });

  test('says for each relay why it will not do', async () => {
    const reasons = [{ server: 'turn1', reason: 'draining' as const, message: 'It is draining.' }];
    const answer = await post(
      { task: 'a' },
      { assignments: giving({ kind: 'none', reasons, counts: { draining: 1 } }) },
    );
    expect([answer.status, answer.headers['cache-control']]).toEqual([503, 'no-store']);
    expect(errorOf(answer)).toEqual({
      code: 'no_relay',
      message: 'No relay will do (1 draining): add one, or wait until one has room again.',
      reasons,
      counts: { draining: 1 },
    });
  });

  test('says why nothing can be assigned now', async () => {
    const answer = await post(
      { task: 'a' },
      { assignments: giving(new UserError('unavailable', 'The fleet is away.')) },
    );
    expect([answer.status, errorOf(answer)]).toEqual([503, { code: 'unavailable', message: 'The fleet is away.' }]);
  });

  test.each<[object, RegExp]>([
    [{}, /task/],
    [{ task: '' }, /task: expected 1 to 256 printable/],
    [{ task: 'x'.repeat(257) }, /task/],
    [{ task: 'a\nb' }, /task/],
    [{ task: 'a', strategy: 'best' }, /strategy/],
    [{ task: 'a', reserveSeconds: 0 }, /reserveSeconds/],
    [{ task: 'a', reserveSeconds: 3601 }, /reserveSeconds/],
    [{ task: 'a', isp: '\u001b[2J' }, /isp/],
    [{ task: 'a', more: 1 }, /unknown key more/],
    [{ task: 'a', user: 'a b' }, /user must be printable/],
    [{ task: 'a', ttl: 1e9 }, /ttl must be/],
  ])('refuses %j, and reserves nothing', async (body, message) => {
    const assignments = giving(ASSIGNED);
    const answer = await post(body, { assignments });
    expect([answer.status, assignments.asked]).toEqual([400, []]);
    expect(errorOf(answer).message).toMatch(message);
  });

  test('is limited together with other credentials, and reserves nothing beyond', async () => {
    const assignments = giving(ASSIGNED);
    const perUser = { count: 2, seconds: 60 };
    const limits = { perKey: 'unlimited', perAddress: 'unlimited', perUser } as const;
    const url = (await startServer({ assignments, credentialLimits: limits })).url();
    const send = (path: string, body: object) =>
      ask(`${url}${path}`, { method: 'POST', headers: JSON_TYPE, body: JSON.stringify(body) });
    expect((await send(PATH, { task: 'a', user: 'alice' })).status).toBe(201);
    expect((await send('/v1/credentials', { user: 'alice' })).status).toBe(201);
    expect((await send(PATH, { task: 'a', user: 'alice' })).status).toBe(429);
    expect(assignments.asked).toHaveLength(1);
  });

  test('needs the scope credentials; who asks, and in vain, is in the audit log and the counts', async () => {
    const lines: object[] = [];
    const issuer = testIssuer('a-test-secret');
    const credentials = { ...credentialCalls(issuer), audit: { record: (entry: object) => lines.push(entry) } };
    const options = { credentials, keys: [apiKey('reader', 'read'), apiKey('issuer', 'credentials')] };
    expect((await post({ task: 'a' }, options, bearer('reader'))).status).toBe(403);
    expect((await post({ task: 'a', user: 'alice' }, options, bearer('issuer'))).status).toBe(201);
    const none = giving({ kind: 'none', reasons: [], counts: {} });
    expect((await post({ task: 'a' }, { ...options, assignments: none }, bearer('issuer'))).status).toBe(503);
    expect(lines).toMatchObject([
      { what: 'issue', outcome: 'refused', by: 'name-of-reader' },
      { what: 'issue', outcome: 'done', by: 'name-of-issuer', user: 'alice' },
      { what: 'issue', outcome: 'refused', by: 'name-of-issuer', reason: expect.stringMatching(/No relay/) as string },
    ]);
    expect([issuer.counts.issued.rest, issuer.counts.rejected.forbidden]).toEqual([1, 1]);
  });

  test('says what to configure where there is no registry', async () => {
    const answer = await post({ task: 'a' }, { assignments: undefined });
    expect([answer.status, errorOf(answer).message]).toEqual([404, expect.stringMatching(/registry\.zookeeper/)]);
  });

  test('takes POST alone', async () => {
    const url = (await startServer({ assignments: giving(ASSIGNED) })).url();
    expect((await ask(`${url}${PATH}`)).status).toBe(405);
  });
});

describe('DELETE /v1/relays/assign/:task', () => {
  test('ends a reservation, whatever characters the task has', async () => {
    const assignments = giving(ASSIGNED);
    const url = `${(await startServer({ assignments })).url()}${PATH}/${encodeURIComponent('room/7 ä')}`;
    const [first, second] = [await ask(url, { method: 'DELETE' }), await ask(url, { method: 'DELETE' })];
    expect([first.text, second.text].map((text) => JSON.parse(text) as unknown)).toEqual([
      { released: true },
      { released: false },
    ]);
    expect(assignments.released).toEqual(['room/7 ä', 'room/7 ä']);
  });

  test('needs the scope credentials', async () => {
    const keys = [apiKey('reader', 'read')];
    const url = `${(await startServer({ assignments: giving(ASSIGNED), keys })).url()}${PATH}/a`;
    expect((await ask(url, { method: 'DELETE', headers: bearer('reader') })).status).toBe(403);
  });
});

import { UserError } from '../../../src/lib/errors';
import type { LiveSession, LiveSessions, SessionsQuery } from '../../../src/usage/live-sessions';
import { cursorAt } from '../../../src/http/cursor';
import type { SessionAnswer } from '../../../src/http/sessions-schema';
import { ask, closeAll, errorOf, startServer, type Answer } from './harness';
import { liveSession } from './live-session';

afterEach(closeAll);

/** Sessions that stand still; they are ended as a test says, and what was asked of them is kept. */
class Sessions implements LiveSessions {
  readonly queries: SessionsQuery[] = [];
  readonly ended: string[] = [];

  constructor(
    readonly all: readonly LiveSession[],
    private readonly ending: (id: string) => ReturnType<LiveSessions['end']> = () =>
      Promise.resolve({ allocations: 1, open: [] }),
  ) {}

  list(query: SessionsQuery) {
    this.queries.push(query);
    const { user, realm, after = 0, limit } = query;
    const found = this.all
      .map((session, index) => ({ session, place: index + 1 }))
      .filter(({ session, place }) => place > after && session.userId === (user ?? session.userId))
      .filter(({ session }) => session.realm === (realm ?? session.realm));
    const page = found.slice(0, limit);
    return { sessions: page.map(({ session }) => session), next: found[limit] && page.at(-1)?.place };
  }

  find(id: string) {
    return this.all.find((session) => session.id === id);
  }

  end(id: string) {
    this.ended.push(id);
    return this.ending(id);
  }
}

async function askOf(sessions: LiveSessions, path: string, method = 'GET'): Promise<Answer> {
  return ask(`${(await startServer({ sessions })).url()}${path}`, { method });
}

interface Page {
  readonly sessions: readonly SessionAnswer[];
  readonly next?: string;
}

describe('GET /v1/sessions', () => {
  const many = Array.from({ length: 25 }, (_, i) => liveSession(`turn1-1-${i}`, { userId: `user${i % 2}` }));

  test('shows a session with its allocations, times as texts, never to be cached', async () => {
    const session = liveSession('turn1-1-1');
    const answer = await askOf(new Sessions([session]), '/v1/sessions');
    expect([answer.status, answer.headers['cache-control']]).toEqual([200, 'no-store']);
    const startedAt = '2026-03-28T01:00:00.000Z';
    const allocations = session.allocations.map((allocation) => ({ ...allocation, startedAt }));
    expect(JSON.parse(answer.text)).toEqual({ sessions: [{ ...session, startedAt, allocations }] });
  });

  test('gives each session once over all pages', async () => {
    const url = (await startServer({ sessions: new Sessions(many) })).url();
    const seen: string[] = [];
    const pages: number[] = [];
    for (let after = ''; ;) {
      const page = JSON.parse((await ask(`${url}/v1/sessions?limit=10${after}`)).text) as Page;
      seen.push(...page.sessions.map(({ id }) => id));
      pages.push(page.sessions.length);
      if (page.next === undefined) break;
      after = `&after=${page.next}`;
    }
    expect(pages).toEqual([10, 10, 5]);
    expect(seen).toEqual(many.map(({ id }) => id));
  });

  test('asks for what the parameters say, 100 sessions by default', async () => {
    const sessions = new Sessions(many);
    const url = (await startServer({ sessions })).url();
    await ask(`${url}/v1/sessions?user=user1&realm=&limit=3&after=${cursorAt('sessions', 5)}`);
    await ask(`${url}/v1/sessions?user=J%C3%BCrgen%20%F0%9F%A6%8A+x`);
    expect(sessions.queries).toEqual([
      { user: 'user1', realm: '', limit: 3, after: 5 },
      { user: 'Jürgen 🦊 x', limit: 100, after: undefined },
    ]);
  });

  test.each([
    ['after=5', /^after: expected the `next` of the page before/],
    [`after=${cursorAt('usage', 5)}`, /^after: expected the `next` of the page before/],
    [`after=${'A'.repeat(5000)}`, /^after: must have at most 100 characters/],
    ['limit=0', /^limit: expected a whole number from 1 to 1000/],
    ['limit=1001', /^limit: expected a whole number from 1 to 1000/],
    ['limit=5&limit=6', /^limit: must be given once/],
    ['user[x]=1', /^unknown parameter user\[x\]/],
    ['users=alice', /^unknown parameter users/],
    [`realm=${'r'.repeat(1025)}`, /^realm: must have at most 1024 characters/],
    ['user=%00', /^user: must not hold a NUL/],
  ])('refuses %.40s, and asks for nothing', async (query, message) => {
    const sessions = new Sessions(many);
    const answer = await askOf(sessions, `/v1/sessions?${query}`);
    expect([answer.status, errorOf(answer).code]).toEqual([400, 'bad_request']);
    expect(errorOf(answer).message).toMatch(message);
    expect(sessions.queries).toEqual([]);
  });

  test('answers HEAD with the head alone', async () => {
    const answer = await askOf(new Sessions(many), '/v1/sessions', 'HEAD');
    expect([answer.status, answer.text]).toEqual([200, '']);
    expect(Number(answer.headers['content-length'])).toBeGreaterThan(1000);
  });
});

describe('/v1/sessions/:id', () => {
  test('is the session', async () => {
    const answer = await askOf(new Sessions([liveSession('a-1'), liveSession('a-2')]), '/v1/sessions/a-2');
    expect([answer.status, answer.headers['cache-control']]).toEqual([200, 'no-store']);
    expect(JSON.parse(answer.text)).toMatchObject({ id: 'a-2', startedAt: '2026-03-28T01:00:00.000Z' });
  });

  test('is found by an id with any letters', async () => {
    const answer = await askOf(new Sessions([liveSession('a/b ä?')]), `/v1/sessions/${encodeURIComponent('a/b ä?')}`);
    expect(JSON.parse(answer.text)).toMatchObject({ id: 'a/b ä?' });
  });

  test.each(['none', '%00', '__proto__', 'x'.repeat(8000)])('(%.10s) is 404 where there is none', async (id) => {
    const answer = await askOf(new Sessions([liveSession('a-1')]), `/v1/sessions/${id}`);
    expect([answer.status, errorOf(answer).code]).toEqual([404, 'not_found']);
  });

  test.each(['a-1?force=1', '%', '%ff'])('(%s) is 400 where it is no such request', async (id) => {
    const sessions = new Sessions([liveSession('a-1')]);
    for (const method of ['GET', 'DELETE']) {
      const answer = await askOf(sessions, `/v1/sessions/${id}`, method);
      expect([answer.status, errorOf(answer).code]).toEqual([400, 'bad_request']);
    }
    expect(sessions.ended).toEqual([]);
  });
});

describe('DELETE /v1/sessions/:id', () => {
  test('ends that session, and says what is left of it', async () => {
    const sessions = new Sessions([], () => Promise.resolve({ allocations: 3, open: ['012345678901234567'] }));
    const answer = await askOf(sessions, '/v1/sessions/a%2F1', 'DELETE');
    expect([answer.status, answer.headers['cache-control']]).toEqual([200, 'no-store']);
    expect(JSON.parse(answer.text)).toEqual({ id: 'a/1', allocations: 3, open: ['012345678901234567'] });
    expect(sessions.ended).toEqual(['a/1']);
  });

  test.each([
    ['not_found', 404],
    ['conflict', 409],
    ['unavailable', 503],
  ] as const)('that fails with %s is %d, with the sentence', async (code, status) => {
    const sessions = new Sessions([], () => Promise.reject(new UserError(code, 'It was not to be.')));
    const answer = await askOf(sessions, '/v1/sessions/a', 'DELETE');
    expect([answer.status, errorOf(answer)]).toEqual([status, { code, message: 'It was not to be.' }]);
  });

  test('that fails otherwise tells nothing of why', async () => {
    const sessions = new Sessions([], () => Promise.reject(new Error('cli password is hunter2')));
    const answer = await askOf(sessions, '/v1/sessions/a', 'DELETE');
    expect([answer.status, errorOf(answer)]).toEqual([500, { code: 'internal', message: 'internal error' }]);
  });
});

test.each([
  ['/v1/sessions', 'DELETE', 'GET, HEAD'],
  ['/v1/sessions', 'POST', 'GET, HEAD'],
  ['/v1/sessions/a', 'PUT', 'GET, HEAD, DELETE'],
  ['/v1/sessions/a', 'PATCH', 'GET, HEAD, DELETE'],
])('%s does not take %s, and says what it takes', async (path, method, allowed) => {
  const sessions = new Sessions([liveSession('a')]);
  const answer = await askOf(sessions, path, method);
  expect([answer.status, errorOf(answer).code, answer.headers.allow]).toEqual([405, 'method_not_allowed', allowed]);
  expect([sessions.queries, sessions.ended]).toEqual([[], []]);
});

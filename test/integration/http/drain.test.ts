import type { DrainProgress } from '../../../src/drain/drain-progress';
import type { DrainCalls } from '../../../src/http/drain';
import { UserError } from '../../../src/lib/errors';
import { apiKey, bearer } from './api-keys';
import { ask, closeAll, errorOf, startServer } from './harness';

afterEach(closeAll);

const START = Date.UTC(2026, 10, 21, 8);
const DRAINING: DrainProgress = {
  state: 'draining',
  allocations: 12,
  sessions: 5,
  startedAt: START,
  deadlineAt: Date.now() + 60_000,
  refusing: true,
  ended: 0,
};

function drainCalls(changes: Partial<DrainCalls> = {}): DrainCalls & { readonly begun: (number | undefined)[] } {
  const begun: (number | undefined)[] = [];
  return {
    begun,
    begin: (seconds) => {
      begun.push(seconds);
      return Promise.resolve(DRAINING);
    },
    undo: () => Promise.resolve({ state: 'serving', allocations: 1, sessions: 1 }),
    progress: () => DRAINING,
    ...changes,
  };
}

const json = (body: string): object => ({ method: 'POST', body, headers: { 'content-type': 'application/json' } });

test('a drain begins with the deadline that is asked for, or with none, and says how far it is', async () => {
  const drain = drainCalls();
  const url = `${(await startServer({ drain })).url()}/-/drain`;
  const answers = [
    await ask(url, { method: 'POST' }),
    await ask(url, json('{}')),
    await ask(url, json('{"deadlineSeconds":0}')),
    await ask(url, json('{"deadlineSeconds":600}')),
    await ask(url),
  ];
  expect(drain.begun).toEqual([undefined, undefined, 0, 600]);
  for (const answer of answers) {
    expect([answer.status, answer.headers['cache-control']]).toEqual([200, 'no-store']);
    const { deadlineAt, secondsLeft, ...rest } = JSON.parse(answer.text) as Record<string, unknown>;
    const startedAt = '2026-11-21T08:00:00.000Z';
    expect(rest).toEqual({ state: 'draining', allocations: 12, sessions: 5, startedAt, refusing: true, ended: 0 });
    expect(deadlineAt).toBe(new Date(DRAINING.deadlineAt).toISOString());
    expect(secondsLeft).toBeGreaterThan(0);
    expect(secondsLeft).toBeLessThanOrEqual(60);
  }
});

test.each([
  ['{"deadlineSeconds":-1}', /deadlineSeconds: expected a number of seconds from 0 to 86400/],
  ['{"deadlineSeconds":86401}', /deadlineSeconds/],
  ['{"deadlineSeconds":"10m"}', /deadlineSeconds/],
  ['{"deadline":600}', /deadline/],
  ['[]', /./],
  ['{', /not valid JSON/],
])('the body %s begins no drain', async (body, message) => {
  const drain = drainCalls();
  const answer = await ask(`${(await startServer({ drain })).url()}/-/drain`, json(body));
  expect(answer.status).toBe(400);
  expect(errorOf(answer).message).toMatch(message);
  expect(drain.begun).toEqual([]);
});

test('the relay is taken back into service, and where coturn can not be told it is said', async () => {
  const url = (await startServer({ drain: drainCalls() })).url();
  const answer = await ask(`${url}/-/undrain`, { method: 'POST' });
  expect(JSON.parse(answer.text)).toEqual({ state: 'serving', allocations: 1, sessions: 1 });
  const undo = (): Promise<never> => Promise.reject(new UserError('unavailable', 'coturn could not be told.'));
  const deaf = await startServer({ drain: drainCalls({ undo }) });
  const refused = await ask(`${deaf.url()}/-/undrain`, { method: 'POST' });
  expect([refused.status, errorOf(refused).message]).toEqual([503, 'coturn could not be told.']);
});

test('draining needs the scope admin, looking at it the scope read', async () => {
  const keys = [apiKey('admin', 'admin'), apiKey('reader', 'read'), apiKey('issuer', 'credentials')];
  const drain = drainCalls();
  const url = (await startServer({ keys, drain })).url();
  const status = async (key: string, path: string, method: string): Promise<number> =>
    (await ask(`${url}${path}`, { method, headers: bearer(key) })).status;
  for (const path of ['/-/drain', '/-/undrain']) {
    expect(await status('reader', path, 'POST')).toBe(403);
    expect(await status('issuer', path, 'POST')).toBe(403);
    expect(await status('admin', path, 'POST')).toBe(200);
    expect(await status('admin', `${path}?now=1`, 'POST')).toBe(400);
    expect(await status('admin', path, 'DELETE')).toBe(405);
  }
  expect(drain.begun).toHaveLength(1);
  expect(await status('reader', '/-/drain', 'GET')).toBe(200);
  expect(await status('issuer', '/-/drain', 'GET')).toBe(403);
  expect(await status('admin', '/-/undrain', 'GET')).toBe(405);
});

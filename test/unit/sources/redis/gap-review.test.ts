import type { RedisAsker } from '../../../../src/sources/redis/asker';
import { GapReview, type Gap } from '../../../../src/sources/redis/gap-review';
import { keyOf, RedisLines } from './redis-lines';

const SINCE = 500;
const SURE: Gap = { since: SINCE, runId: 'abc', runSince: undefined, isDatabaseSure: true };
const never = new AbortController().signal;

/** A Redis that holds these keys. */
function askerWith(keys: readonly string[]): RedisAsker {
  const asker: Partial<RedisAsker> = {
    info: () => Promise.resolve('run_id:abc\r\nuptime_in_seconds:9000\r\n'),
    async *statusKeys() {
      await Promise.resolve();
      if (keys.length > 0) yield [...keys];
    },
    idleSeconds: (asked) => Promise.resolve(asked.map(() => undefined)),
    exist: (asked) => Promise.resolve(asked.map((key) => keys.includes(key))),
    values: () => Promise.resolve([]),
  };
  return asker as RedisAsker;
}

function review(lines: RedisLines, asker: RedisAsker, lastWords = (): void => undefined): GapReview {
  const { relay, origins } = lines;
  const heard = (): Promise<void> => {
    lastWords();
    return Promise.resolve();
  };
  return new GapReview({ relay, origins, asker, now: () => lines.now, lastWords: heard });
}

test('what has no key any more has ended when Redis was last heard', async () => {
  const lines = new RedisLines();
  lines.begin('alice', 1);
  lines.begin('bob', 2);
  const found = await review(lines, askerWith([keyOf('bob', 2)])).run(SURE, never);
  expect(found).toMatchObject({ runId: 'abc', ended: 1, found: 0 });
  expect(lines.closed).toMatchObject([{ username: 'alice', endedAt: SINCE, settled: 'estimated' }]);
});

test('what ends just now, its key gone and its last words on the way, ends as it says', async () => {
  const lines = new RedisLines();
  lines.begin('alice');
  const found = await review(lines, askerWith([]), () => {
    lines.end('alice', 77);
  }).run(SURE, never);
  expect(found.ended).toBe(0);
  expect(lines.closed).toMatchObject([{ username: 'alice', settled: 'exact' }]);
});

test.each([
  ['another run of Redis', { ...SURE, runId: 'xyz' }],
  ['one that was not known before', { ...SURE, runId: undefined }],
  ['another run of Redis since it began', { ...SURE, runSince: 1e6 }],
  ['a database that may be the wrong one', { ...SURE, isDatabaseSure: false }],
])('%s: a missing key proves nothing', async (_, gap) => {
  const lines = new RedisLines();
  lines.begin('alice');
  expect(await review(lines, askerWith([])).run(gap, never)).toMatchObject({ ended: 0, runId: 'abc' });
  expect(lines.relay.openAllocations).toBe(1);
});

test('a key that two servers share proves nothing: either may have deleted it', async () => {
  const lines = new RedisLines();
  lines.begin('alice', 1);
  lines.begin('alice', 1, '192.0.2.2:3478');
  expect(await review(lines, askerWith([])).run(SURE, never)).toMatchObject({ ended: 0 });
  expect(lines.relay.openAllocations).toBe(2);
});

test('a subscription that breaks meanwhile ends nothing', async () => {
  const lines = new RedisLines();
  lines.begin('alice');
  const over = new AbortController();
  const running = review(lines, askerWith([]), () => {
    over.abort(new Error('lost'));
  }).run(SURE, over.signal);
  await expect(running).rejects.toThrow('lost');
  expect(lines.relay.openAllocations).toBe(1);
});

import { tokenBucket } from '../../../src/http/rate-limit';

test('a bucket gives its burst at once, then one each interval, and never saves up more than the burst', () => {
  let now = 5000;
  const take = tokenBucket({ intervalMs: 100, burst: 2 }, () => now);
  const takes = (count: number): boolean[] => Array.from({ length: count }, take);
  expect(takes(3)).toEqual([true, true, false]);
  now += 99;
  expect(take()).toBe(false);
  now += 2;
  expect(takes(2)).toEqual([true, false]);
  now += 60_000;
  expect(takes(3)).toEqual([true, true, false]);
});

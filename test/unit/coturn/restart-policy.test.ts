import fc from 'fast-check';
import { failuresAfterLife, MAX_BACKOFF_MS, restartDelay } from '../../../src/coturn/restart-policy';

const failures = fc.integer({ min: 1, max: 10_000 });
const random = fc.double({ min: 0, max: 1, noNaN: true });

test('the first restart is at once', () => {
  fc.assert(fc.property(random, (r) => { expect(restartDelay(0, r)).toBe(0); })); // prettier-ignore
});

test('every later one waits, and never above 30 s', () => {
  fc.assert(
    fc.property(failures, random, (n, r) => {
      const delay = restartDelay(n, r);
      expect(delay).toBeGreaterThanOrEqual(250);
      expect(delay).toBeLessThanOrEqual(MAX_BACKOFF_MS);
    }),
  );
});

test('with the same luck, more failures never wait less', () => {
  fc.assert(
    fc.property(failures, random, (n, r) => {
      expect(restartDelay(n + 1, r)).toBeGreaterThanOrEqual(restartDelay(n, r));
    }),
  );
});

test('two relays that failed together seldom start together: half of the delay is chance', () => {
  expect(restartDelay(20, 0)).toBe(15_000);
  expect(restartDelay(20, 1)).toBe(30_000);
});

test('a minute of health forgives, less does not', () => {
  expect(failuresAfterLife(7, 60_000)).toBe(0);
  expect(failuresAfterLife(7, 59_999)).toBe(7);
});

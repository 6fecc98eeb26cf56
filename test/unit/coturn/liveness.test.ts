import { checkTimes, judge, type Signs } from '../../../src/coturn/liveness';

const signs = (change: Partial<Signs>): Signs => ({
  watchedSince: 0,
  lastAnswer: undefined,
  lastHeartbeat: undefined,
  failedChecks: 3,
  ...change,
});

test.each([
  ['an answer is up', { failedChecks: 0, lastAnswer: 0 }, 'up'],
  ['neither answer nor heartbeat for the limit', { lastAnswer: 5000, lastHeartbeat: 4000 }, 'unresponsive'],
  ['an answer within the limit', { lastAnswer: 5001 }, 'silent'],
  ['a heartbeat within the limit', { lastHeartbeat: 5001 }, 'silent'],
  ['watched for less than the limit', { watchedSince: 5001 }, 'silent'],
  ['only one check failed, as after the agent itself had been stopped', { failedChecks: 1 }, 'silent'],
] as const)('%s', (_, change, verdict) => {
  expect(judge(signs(change), 20_000, 15_000)).toBe(verdict);
});

test('coturn is asked every 5 s, and more often where the limit is short', () => {
  expect(checkTimes(15_000)).toEqual({ everyMs: 5000, timeoutMs: 2000 });
  expect(checkTimes(600)).toEqual({ everyMs: 200, timeoutMs: 200 });
  expect(checkTimes(0)).toEqual({ everyMs: 100, timeoutMs: 100 });
});

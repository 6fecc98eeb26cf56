import { lastPeriodEnd, retryDelay, scheduleOf } from '../../../src/digest/period';

const DAY = 86_400;

function endAt(now: string, every: number, at: string): string {
  return new Date(lastPeriodEnd(Date.parse(now), scheduleOf({ every, at }))).toISOString();
}

test.each([
  ['2026-11-21T07:59:59Z', DAY, '08:00', '2026-11-20T08:00:00.000Z'],
  ['2026-11-21T08:00:00Z', DAY, '08:00', '2026-11-21T08:00:00.000Z'],
  ['2026-11-21T16:30:00Z', 3600, '00:15', '2026-11-21T16:15:00.000Z'],
  // A Saturday, and the Monday before.
  ['2026-11-21T16:30:00Z', 7 * DAY, '06:00', '2026-11-16T06:00:00.000Z'],
])('at %s the last period of %d s, at %s, ended at %s', (now, every, at, end) => {
  expect(endAt(now, every, at)).toBe(end);
});

test('a failure waits a minute, then longer, and never more than an hour', () => {
  expect([1, 2, 3, 7, 1000].map(retryDelay)).toEqual([60_000, 120_000, 240_000, 3_600_000, 3_600_000]);
});

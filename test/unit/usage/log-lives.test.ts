import type { LogPosition } from '../../../src/coturn/log-place';
import { LogLives, monotonicOf, type LogLife } from '../../../src/usage/log-lives';
import { ManualClock } from '../collectors/manual-clock';

const at = (offset: number): LogPosition => ({ inode: 1, bornAt: 1, offset, doubtfulBytes: 0 });
const life = (number: number, changes: Partial<LogLife> = {}): LogLife => ({
  number,
  start: at(number * 100),
  startedAt: 0,
  gap: undefined,
  kept: false,
  ...changes,
});

function lives(...all: readonly LogLife[]): LogLives {
  const found = new LogLives();
  for (const one of all) found.add(one);
  return found;
}

test('a life ends in the log where the next one begins, also where lives between are settled, and the last one goes on', () => {
  const known = lives(life(2), life(4), life(7));
  expect([2, 3, 4, 7, 9].map((number) => known.endOf(number)?.offset)).toEqual([400, 400, 700, undefined, undefined]);
  known.remove(4);
  expect(known.endOf(2)).toEqual(at(700));
  expect(known.all().map(({ number }) => number)).toEqual([2, 7]);
});

test('a life whose beginning nobody noted is no end for the one before it', () => {
  const known = lives(life(1), life(2, { start: undefined }), life(3));
  expect(known.endOf(1)).toEqual(at(300));
  expect(lives(life(1), life(2, { start: undefined })).endOf(1)).toBeUndefined();
});

test('a life that is added again takes the place of what was known of it', () => {
  const known = lives(life(1), life(2), life(1, { start: at(5) }));
  expect(known.get(1)?.start).toEqual(at(5));
  expect(known.all()).toHaveLength(2);
  expect(known.get(3)).toBeUndefined();
});

/** Booted a minute before the life began, ten minutes ago; the wall clock shows another time than the monotonic one. */
class Machine extends ManualClock {
  override now = (): number => 1_795_000_000_000;
  override monotonic = (): number => 660_000;
}

test.each([
  ['seconds since the start', { kind: 'since_start', seconds: 12 } as const, 72_000],
  ['the wall clock', { kind: 'epoch', ms: 1_795_000_000_000 - 5_000 } as const, 655_000],
  ['seconds beyond now', { kind: 'since_start', seconds: 10_000_000 } as const, 660_000],
  ['a time to come', { kind: 'epoch', ms: 1_795_000_000_001 } as const, 660_000],
  ['a time before the life', { kind: 'epoch', ms: 0 } as const, 60_000],
])('a line stamped with %s is placed between the start of its life and now', (_, time, expected) => {
  expect(monotonicOf(time, life(1, { startedAt: 60_000 }), new Machine())).toBe(expected);
});

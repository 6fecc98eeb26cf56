import { RecentlyLeft } from '../../../src/fleet/recently-left';
import { relay } from './assign/relays';

const DAY_MS = 86_400_000;
const names = (left: RecentlyLeft, now: number): string[] => left.list(now).map(({ server }) => server);

test('a relay that left is known for a day, or until it is back', () => {
  const left = new RecentlyLeft();
  left.note(relay('a'), 0);
  left.note(relay('b'), 1000);
  left.note(relay('c'), 1000);
  left.forget('c');
  expect(names(left, DAY_MS)).toEqual(['a', 'b']);
  expect(names(left, DAY_MS + 1)).toEqual(['b']);
  left.note(relay('b'), DAY_MS);
  expect(names(left, DAY_MS + 1001)).toEqual(['b']);
});

test('of very many the last thousand are known', () => {
  const left = new RecentlyLeft();
  for (let i = 0; i < 1002; i++) left.note(relay(`relay-${i}`), i);
  expect(names(left, 1002)).toHaveLength(1000);
  expect(names(left, 1002)[0]).toBe('relay-2');
});

import { Bell } from '../../../src/fleet/bell';
import { ManualClock } from '../collectors/manual-clock';

test('a ring before the wait is not lost, several are one, and the time wakes too', async () => {
  const clock = new ManualClock();
  const bell = new Bell();
  const { signal } = new AbortController();
  const woken: string[] = [];
  const wait = (name: string): Promise<unknown> => bell.wait(1000, clock, signal).then(() => woken.push(name));
  bell.ring();
  bell.ring();
  await wait('by an earlier ring');
  const second = wait('by a ring');
  await clock.advance(999);
  expect(woken).toEqual(['by an earlier ring']);
  bell.ring();
  await second;
  const third = wait('by the time');
  await clock.advance(1000);
  await third;
  expect(woken).toEqual(['by an earlier ring', 'by a ring', 'by the time']);
});

test('who waits is let go when the signal aborts', async () => {
  const ending = new AbortController();
  const waiting = new Bell().wait(1000, new ManualClock(), ending.signal);
  ending.abort(new Error('over'));
  await expect(waiting).rejects.toThrow('over');
});

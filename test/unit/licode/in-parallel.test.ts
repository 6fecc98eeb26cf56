import { setImmediate } from 'node:timers/promises';
import { inParallel } from '../../../src/licode/in-parallel';
import { reconnectDelayMs } from '../../../src/licode/licode-source';

test('no more tasks run at a time than allowed, and results keep the order of their items', async () => {
  let running = 0;
  let most = 0;
  const results = await inParallel([5, 1, 4, 2, 3], 2, async (turns) => {
    most = Math.max(most, ++running);
    for (let i = 0; i < turns; i++) await setImmediate();
    running--;
    return turns * 10;
  });
  expect(results).toEqual([50, 10, 40, 20, 30]);
  expect(most).toBe(2);
  expect(await inParallel([], 2, () => Promise.resolve(1))).toEqual([]);
});

test('a broker that stays away is tried every half minute in the end, however long it is away', () => {
  expect([1, 2, 3, 6, 1000, 1e6].map(reconnectDelayMs)).toEqual([1000, 2000, 4000, 30_000, 30_000, 30_000]);
});

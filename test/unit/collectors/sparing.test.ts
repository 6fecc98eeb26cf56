import { Sparing } from '../../../src/collectors/sparing';
import { ManualClock } from './manual-clock';

function setUp(answer: () => number) {
  const clock = new ManualClock();
  const sparing = new Sparing<string, number>(clock, 50);
  let reads = 0;
  const read = async (): Promise<number> => {
    reads++;
    await clock.sleep(100);
    return answer();
  };
  const get = async (key: string): Promise<number> => {
    const value = sparing.get(key, read);
    value.catch(() => undefined);
    await clock.advance(100);
    return value;
  };
  return { clock, get, reads: () => reads };
}

test('an answer stands for 50 times as long as it took, then it is read again', async () => {
  const { clock, get, reads } = setUp(() => reads());
  expect(await get('a')).toBe(1);
  await clock.advance(4800);
  expect(await get('a')).toBe(1);
  await clock.advance(101);
  expect(await get('a')).toBe(2);
});

test('an answer for another key does not stand', async () => {
  const { get, reads } = setUp(() => reads());
  expect(await get('a')).toBe(1);
  expect(await get('b')).toBe(2);
});

test('a failure stands as long as an answer would: what is too slow is not tried at each scrape', async () => {
  const { clock, get, reads } = setUp(() => {
    throw new Error('too slow');
  });
  await expect(get('a')).rejects.toThrow('too slow');
  await expect(get('a')).rejects.toThrow('too slow');
  expect(reads()).toBe(1);
  await clock.advance(5000);
  await expect(get('a')).rejects.toThrow('too slow');
  expect(reads()).toBe(2);
});

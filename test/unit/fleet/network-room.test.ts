import { roomOf } from '../../../src/collectors/network-room';

const MEGABIT = 125_000;

test('the device with the least room decides, and one that nobody knows the capacity of says nothing', () => {
  const wide = { capacityBytesPerSecond: 10_000 * MEGABIT, freeBytesPerSecond: 9_000 * MEGABIT };
  const narrow = { capacityBytesPerSecond: 1_000 * MEGABIT, freeBytesPerSecond: 250 * MEGABIT };
  const unknown = { capacityBytesPerSecond: undefined, freeBytesPerSecond: undefined };
  expect(roomOf([wide, narrow, unknown])).toEqual({ freeMbps: 250, load: 0.75 });
  expect(roomOf([unknown])).toBeUndefined();
  expect(roomOf([])).toBeUndefined();
});

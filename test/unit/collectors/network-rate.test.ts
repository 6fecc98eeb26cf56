import * as fc from 'fast-check';
import { freeBytesPerSecond, nextRates, type DeviceRates } from '../../../src/collectors/network-rate';
import type { DeviceCounters } from '../../../src/collectors/proc-net-dev';

const counters = (received: number, transmitted: number): DeviceCounters => ({
  receive: { bytes: received, packets: 0, errors: 0, drops: 0 },
  transmit: { bytes: transmitted, packets: 0, errors: 0, drops: 0 },
});

/** The rates of eth0 after each reading, 5 s apart; undefined: the card is gone. */
function rates(...readings: readonly (readonly [number, number] | undefined)[]): (number | undefined)[] {
  let state: DeviceRates = new Map();
  return readings.map((reading, index) => {
    state = nextRates(state, reading ? new Map([['eth0', counters(...reading)]]) : new Map(), index * 5000);
    return state.get('eth0')?.bytesPerSecond;
  });
}

test('the larger direction counts, over the time between two readings', () => {
  expect(rates([1000, 0], [6000, 500], [6500, 10_500])).toEqual([undefined, 1000, 2000]);
});

test('a counter that was reset, or wrapped, leaves the last rate for that interval and is measured again after it', () => {
  expect(rates([0, 0], [5000, 0], [10, 0], [20_010, 0])).toEqual([undefined, 1000, 1000, 4000]);
  expect(rates([2 ** 32 - 5, 0], [3, 0], [5003, 0])).toEqual([undefined, undefined, 1000]);
});

test('a card that came back is measured anew, not against what it was before', () => {
  expect(rates([0, 0], [5000, 0], undefined, [900_000, 0], [901_000, 0])).toEqual([
    undefined,
    1000,
    undefined,
    undefined,
    200,
  ]);
});

test('two readings at one moment give no rate', () => {
  const eth0 = (bytes: number) => new Map([['eth0', counters(bytes, 0)]]);
  const state = nextRates(nextRates(new Map(), eth0(0), 1000), eth0(500), 1000);
  expect(state.get('eth0')?.bytesPerSecond).toBeUndefined();
});

test('whatever resets, wraps and absences come, no rate is ever above what the line can carry, or below 0', () => {
  const lineRate = 125_000_000;
  const step = fc.record({
    bytes: fc.nat({ max: lineRate * 5 }),
    event: fc.constantFrom('runs', 'runs', 'runs', 'is reset', 'is gone'),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.constantFrom(2 ** 32, 2 ** 53), (steps, modulus) => {
      let total = 0;
      const readings = steps.map(({ bytes, event }): [number, number] | undefined => {
        total = event === 'runs' ? (total + bytes) % modulus : bytes;
        return event === 'is gone' ? undefined : [total, 0];
      });
      for (const rate of rates(...readings)) {
        if (rate === undefined) continue;
        expect(rate).toBeGreaterThanOrEqual(0);
        expect(rate).toBeLessThanOrEqual(lineRate);
      }
    }),
  );
});

test('a card that carries more than it is said to has no room, not less than none', () => {
  expect(freeBytesPerSecond(1000, 400)).toBe(600);
  expect(freeBytesPerSecond(1000, 1400)).toBe(0);
});

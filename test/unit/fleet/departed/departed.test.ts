import { Departed } from '../../../../src/fleet/departed/departed';

const one = { agent: 'one', beat: '1' };
const two = { agent: 'two', beat: '1' };

function departed(): Departed {
  return new Departed({ afterMs: 100, patienceMs: 30 });
}

/** Looks every 20 ms, from `from` to `to`; what the last look gave. */
function lookOften(at: Departed, missing: readonly (typeof one)[], from: number, to: number): readonly unknown[] {
  let last: readonly unknown[] = [];
  for (let now = from; now <= to; now += 20) last = at.longMissing(missing, now);
  return last;
}

test('who is missing at every look for the whole time has gone, and not a look before', () => {
  const at = departed();
  expect(lookOften(at, [one], 0, 80)).toEqual([]);
  expect(lookOften(at, [one], 100, 100)).toEqual([one]);
  expect(lookOften(at, [one, two], 120, 120)).toEqual([one]);
});

test('who was back at one look begins anew', () => {
  const at = departed();
  lookOften(at, [one], 0, 80);
  lookOften(at, [], 90, 90);
  expect(lookOften(at, [one], 100, 180)).toEqual([]);
  expect(lookOften(at, [one], 200, 200)).toEqual([one]);
});

test('who is missing and still gives signs of life has not gone', () => {
  const at = departed();
  for (let now = 0; now <= 1000; now += 20) {
    expect(at.longMissing([{ agent: 'one', beat: String(Math.floor(now / 60)) }], now)).toEqual([]);
  }
});

test('time in which nothing could be seen counts for nobody', () => {
  const at = departed();
  lookOften(at, [one], 0, 80);
  at.seenNothing();
  expect(lookOften(at, [one], 90, 170)).toEqual([]);
  expect(lookOften(at, [one], 190, 190)).toEqual([one]);
});

test('a look that comes late, since this process slept, counts nobody as missing meanwhile', () => {
  const at = departed();
  lookOften(at, [one], 0, 80);
  expect(lookOften(at, [one], 3_600_000, 3_600_080)).toEqual([]);
  expect(lookOften(at, [one], 3_600_100, 3_600_100)).toEqual([one]);
});

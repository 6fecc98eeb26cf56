import { Measurements } from '../../../../src/fleet/round-trips/measurements';

const HOUR_MS = 3_600_000;

/** Of relays, each with its region and its measurements in their order. */
function measured(...relays: readonly [region: string | undefined, ...ms: number[]][]): Measurements {
  const measurements = new Measurements();
  for (const [i, [region, ...all]] of relays.entries())
    for (const ms of all) measurements.note(`relay-${i}`, region, ms, 0);
  return measurements;
}

test('a stall at one end does not make a relay look far: its shortest of the last six counts', () => {
  expect(measured(['kr', 900, 31.234, 800, 700, 600, 500]).byRegion(0)).toEqual({ kr: 31.23 });
});

test('a way that has become longer is believed after six measurements', () => {
  expect(measured(['kr', 10, 50, 50, 50, 50, 50]).byRegion(0)).toEqual({ kr: 10 });
  expect(measured(['kr', 10, 50, 50, 50, 50, 50, 50]).byRegion(0)).toEqual({ kr: 50 });
});

test('one relay with a wrong label does not move its region', () => {
  expect(measured(['kr', 1], ['kr', 150], ['kr', 152]).byRegion(0)).toEqual({ kr: 150 });
  expect(measured(['jp', 10], ['jp', 20]).byRegion(0)).toEqual({ jp: 15 });
});

test('a relay without a region is in none', () => {
  expect(measured([undefined, 5]).byRegion(0)).toEqual({});
});

test('a relay that moved counts in its new region, from its new measurements alone', () => {
  const measurements = measured(['kr', 5]);
  measurements.note('relay-0', 'us', 140, 0);
  expect(measurements.byRegion(0)).toEqual({ us: 140 });
});

test('a region that died is near still for an hour, and then forgotten', () => {
  const measurements = measured(['kr', 5]);
  measurements.note('alive', 'jp', 30, HOUR_MS);
  expect(measurements.byRegion(HOUR_MS)).toEqual({ kr: 5, jp: 30 });
  expect(measurements.byRegion(HOUR_MS + 1)).toEqual({ jp: 30 });
});

test('of more regions than a node of the registry takes, the nearest are told', () => {
  const regions = Array.from({ length: 70 }, (_, i) => [`region-${i}`, 70 - i] as [string, number]);
  const told = measured(...regions).byRegion(0);
  expect(Object.keys(told)).toHaveLength(64);
  expect(told).toMatchObject({ 'region-69': 1, 'region-6': 64 });
});

test('a region may have any name', () => {
  const told = measured(['__proto__', 1], ['constructor', 2]).byRegion(0);
  expect(Object.entries(told)).toEqual([
    ['__proto__', 1],
    ['constructor', 2],
  ]);
});

test('relays that come and go take no memory without end: the one that answered longest ago is forgotten first', () => {
  const measurements = new Measurements();
  for (let i = 0; i <= 4000; i++) measurements.note(`relay-${i}`, i === 0 ? 'first' : 'kr', 5, i);
  expect(measurements.byRegion(4000)).toEqual({ kr: 5 });
});

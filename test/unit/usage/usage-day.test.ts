import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { isTimeZone, offsetsBetween, startOfDay } from '../../../src/usage/usage-day';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Half an hour's change, a day that never was, summer time but for Ramadan, changes a minute after midnight, and so on. */
const ZONES = [
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Africa/Casablanca',
  'America/St_Johns',
  'Europe/Berlin',
  'America/Sao_Paulo',
  'America/Noronha',
  'Africa/Monrovia',
  'Asia/Kathmandu',
  'Asia/Gaza',
  'UTC',
];

/** The day that Intl itself names: another format, and another way to ask for it, than the code's. */
function calendar(timeZone: string): (at: number) => string {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, year: 'numeric', month: 'numeric', day: 'numeric' });
  return (at) => {
    const [month = '', day = '', year = ''] = format.format(at).split('/');
    return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  };
}

/** The day by the offsets, as the stores' queries reckon it. */
function dayBy(offsets: ReturnType<typeof offsetsBetween>, at: number): string {
  const offset = offsets.findLast(({ from }) => from <= at)?.offset ?? NaN;
  return new Date(at + offset).toISOString().slice(0, 10);
}

const changes = (first: string, last: string, zone: string): [string, number][] =>
  offsetsBetween(Date.parse(first), Date.parse(last), zone).map(({ from, offset }) => [
    new Date(from).toISOString(),
    offset / HOUR,
  ]);

const zone = fc.constantFrom(...ZONES);
const moment = fc.integer({ min: 0, max: Date.parse('2037-12-01') });

test('counts the days of a zone as Intl does, half hour by half hour, wherever the count begins', () => {
  fc.assert(
    fc.property(zone, moment, fc.integer({ min: 0, max: 40 * DAY }), (timeZone, first, span) => {
      const offsets = offsetsBetween(first, first + span, timeZone);
      const dayAt = calendar(timeZone);
      for (let at = first; at <= first + span; at += 30 * MINUTE) {
        if (dayBy(offsets, at) !== dayAt(at)) throw new Error(`another day at ${new Date(at).toISOString()}`);
      }
    }),
    { numRuns: 100 },
  );
});

test.each([
  ['Australia/Lord_Howe', '2026-04-05', '2026-04-04T15:00:00.000Z', 10.5],
  ['Australia/Lord_Howe', '2026-10-04', '2026-10-03T15:30:00.000Z', 11],
  ['Pacific/Apia', '2011-12-31', '2011-12-30T10:00:00.000Z', 14],
  ['Africa/Casablanca', '2025-02-23', '2025-02-23T02:00:00.000Z', 0],
  ['Africa/Casablanca', '2025-04-06', '2025-04-06T02:00:00.000Z', 1],
  ['America/St_Johns', '2010-11-07', '2010-11-07T02:31:00.000Z', -3.5],
  ['Europe/Berlin', '2026-10-25', '2026-10-25T01:00:00.000Z', 1],
])('finds the moment to the millisecond at which the clocks of %s change on %s', (timeZone, day, at, offset) => {
  const from = new Date(Date.parse(day) - 2 * DAY).toISOString();
  const to = new Date(Date.parse(day) + 2 * DAY).toISOString();
  expect(changes(from, to, timeZone).at(-1)).toEqual([at, offset]);
});

test("misses nothing of Noronha's summer time of 2000, which was over after 167 hours, wherever the count begins", () => {
  const last = Date.parse('2000-11-01');
  for (let first = Date.parse('2000-09-25'); first < Date.parse('2000-10-08'); first += 20 * MINUTE) {
    expect(offsetsBetween(first, last, 'America/Noronha').slice(1)).toEqual([
      { from: Date.parse('2000-10-08T02:00:00Z'), offset: -HOUR },
      { from: Date.parse('2000-10-15T01:00:00Z'), offset: -2 * HOUR },
    ]);
  }
});

test('no zone has changed its offset twice within six days since 1970, says the tz database, which the search steps rely on', () => {
  const least = Intl.supportedValuesOf('timeZone').map((name) => {
    const times = offsetChanges(readFileSync(join('/usr/share/zoneinfo', name)));
    return Math.min(...times.slice(1).map((at, before) => at - (times[before] ?? 0)));
  });
  expect(least.length).toBeGreaterThan(300);
  expect(Math.min(...least)).toBeGreaterThan(6 * 24 * 3600);
});

/** Since 1970, in seconds; RFC 9636 section 3: a header and data for 32-bit times, then the same for 64-bit ones. */
function offsetChanges(tzif: Buffer): number[] {
  const counts = (header: number): number[] => [20, 24, 28, 32, 36, 40].map((at) => tzif.readUInt32BE(header + at));
  const [utc = 0, standard = 0, leaps = 0, shortTimes = 0, shortTypes = 0, characters = 0] = counts(0);
  const header = 44 + shortTimes * 5 + shortTypes * 6 + characters + leaps * 8 + standard + utc;
  const count = counts(header)[3] ?? 0;
  const [times, types, infos] = [header + 44, header + 44 + 8 * count, header + 44 + 9 * count];
  const offsetOf = (at: number): number => tzif.readInt32BE(infos + 6 * (tzif[types + at] ?? 0));
  return Array.from({ length: count }, (_, at) => at)
    .filter((at) => at > 0 && offsetOf(at) !== offsetOf(at - 1))
    .map((at) => Number(tzif.readBigInt64BE(times + 8 * at)))
    .filter((time) => time >= 0);
}

test('a day begins at a moment that has its name, after one that has that of a day before', () => {
  fc.assert(
    fc.property(zone, moment, (timeZone, at) => {
      const dayAt = calendar(timeZone);
      const name = new Date(at).toISOString().slice(0, 10);
      const start = startOfDay(name, timeZone);
      const isSkipped = timeZone === 'Pacific/Apia' && name === '2011-12-30';
      expect(dayAt(start)).toBe(isSkipped ? '2011-12-31' : name);
      expect(dayAt(start - 1) < name).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test.each([
  ['Pacific/Apia', '2011-12-30', '2011-12-30T10:00:00.000Z'],
  ['America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00:00.000Z'],
  ['America/Sao_Paulo', '2018-02-18', '2018-02-18T03:00:00.000Z'],
  ['Africa/Monrovia', '1971-06-01', '1971-06-01T00:44:30.000Z'],
  ['Pacific/Kiritimati', '2026-11-21', '2026-11-20T10:00:00.000Z'],
  ['Pacific/Niue', '2026-11-21', '2026-11-21T11:00:00.000Z'],
])('in %s the day %s begins at %s: one that never was, without a midnight, with two, and far from UTC', (...given) => {
  const [timeZone, day, start] = given;
  expect(new Date(startOfDay(day, timeZone)).toISOString()).toBe(start);
});

test('only names of zones are time zones: PostgreSQL takes offsets the other way round', () => {
  expect(['Europe/Berlin', 'UTC', 'america/new_york'].map(isTimeZone)).toEqual([true, true, true]);
  expect(['+05:30', '-03', '', 'Mars/Olympus', "UTC'; --", 'Europe/Berlin '].map(isTimeZone)).not.toContain(true);
});

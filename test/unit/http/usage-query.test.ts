import fc from 'fast-check';
import { cursorAt } from '../../../src/http/cursor';
import { usageQuestion, type UsageQuestion } from '../../../src/http/usage-query';
import { usageQuery, type UsageFormat } from '../../../src/http/usage-schema';

const question = (given: Readonly<Record<string, string>>, format: UsageFormat = 'ndjson'): UsageQuestion =>
  usageQuestion(usageQuery.parse(given), format);

function mistakeOf(given: Readonly<Record<string, string>>, format: UsageFormat = 'ndjson'): unknown {
  try {
    return ['understood as', question(given, format)];
  } catch (error) {
    expect(error).toMatchObject({ code: 'bad_request' });
    return (error as Error).message;
  }
}

const fromOf = (from: string, timeZone = 'UTC'): string | undefined => {
  const { from: moment } = question({ from, timeZone }).query;
  return moment === undefined ? undefined : new Date(moment).toISOString();
};

describe('from and to', () => {
  test.each([
    ['2026-11-21', 'UTC', '2026-11-21T00:00:00.000Z'],
    ['2026-11-21', 'Europe/Berlin', '2026-11-20T23:00:00.000Z'],
    ['2026-07-01', 'Europe/Berlin', '2026-06-30T22:00:00.000Z'],
    ['2026-07-01', 'Asia/Kathmandu', '2026-06-30T18:15:00.000Z'],
    ['2026-07-01', 'Pacific/Kiritimati', '2026-06-30T10:00:00.000Z'],
    // Their clocks go forward at midnight: the day begins at one.
    ['2026-04-24', 'Africa/Cairo', '2026-04-23T22:00:00.000Z'],
    ['2028-02-29', 'UTC', '2028-02-29T00:00:00.000Z'],
  ])('%s in %s begins at %s', (date, timeZone, moment) => {
    expect(fromOf(date, timeZone)).toBe(moment);
  });

  test.each([
    ['2026-11-21T08:00:00Z', '2026-11-21T08:00:00.000Z'],
    ['2026-11-21T08:00Z', '2026-11-21T08:00:00.000Z'],
    ['2026-11-21T08:00:00.5Z', '2026-11-21T08:00:00.500Z'],
    ['2026-11-21T08:00:00+01:00', '2026-11-21T07:00:00.000Z'],
    ['2026-11-21T08:00:00-05:30', '2026-11-21T13:30:00.000Z'],
    // As a query has it where the + was not escaped.
    ['2026-11-21T08:00:00 01:00', '2026-11-21T07:00:00.000Z'],
  ])('%s is %s, whatever the time zone of days', (text, moment) => {
    expect([fromOf(text), fromOf(text, 'Asia/Tokyo')]).toEqual([moment, moment]);
  });

  test.each([
    '2026-02-30',
    '2026-13-01',
    '2026-00-10',
    '1969-12-31',
    '02026-01-01',
    '2026-1-1',
    '2026-11-21T',
    '2026-11-21T08:00:00',
    '2026-11-21T25:00:00Z',
    '2026-11-21T08:60:00Z',
    '2026-11-21T08:00:00+1',
    '2026-02-30T08:00:00Z',
    '2026-11-21 08:00:00Z',
    '2026-11-21T08:00:00Z\n',
    '1790000000',
    'yesterday',
    '',
  ])('%j is no time', (text) => {
    expect(mistakeOf({ from: text })).toMatch(/^from: expected 2026-11-21, .*, from 1970 on\.$/);
    expect(mistakeOf({ to: text })).toMatch(/^to: expected /);
  });

  test('must stand in their order; the same moment twice asks for nothing, which is no mistake', () => {
    expect(mistakeOf({ from: '2026-11-21', to: '2026-11-20' })).toBe('from: must not be after to.');
    const day = question({ from: '2026-11-21', to: '2026-11-21' }).query;
    expect(day.from).toBe(day.to);
  });

  test('of whatever texts are moments or are refused, never an unknown error', () => {
    const digits = fc.stringMatching(/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?$/);
    fc.assert(
      fc.property(fc.oneof(digits, fc.string()), fc.constantFrom('UTC', 'America/St_Johns'), (from, timeZone) => {
        try {
          expect(Number.isInteger(question({ from, timeZone }).query.from)).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: 'bad_request' });
        }
      }),
    );
  });
});

describe('the question', () => {
  test('is for records unless groupBy is there', () => {
    expect(question({ user: 'a', realm: '', server: 's' })).toMatchObject({
      kind: 'records',
      query: { user: 'a', realm: '', server: 's' },
    });
    expect(question({ groupBy: 'day,user', timeZone: 'Asia/Seoul' })).toMatchObject({
      kind: 'sums',
      query: { groupBy: ['day', 'user'], timeZone: 'Asia/Seoul' },
    });
  });

  test('goes on after a cursor of usage, and refuses one of sessions', () => {
    expect(question({ after: cursorAt('usage', 7) }).query).toMatchObject({ after: 7 });
    expect(mistakeOf({ after: cursorAt('sessions', 7) })).toMatch(/^after: /);
  });

  test('is bounded as JSON alone', () => {
    expect(question({}, 'json').query).toMatchObject({ limit: 1000 });
    expect(question({ limit: '10000' }, 'json').query).toMatchObject({ limit: 10_000 });
    expect(mistakeOf({ limit: '10001' }, 'json')).toMatch(/^limit: must be at most 10000 as JSON/);
    expect(question({ limit: '10001' }, 'csv').query).toMatchObject({ limit: 10_001 });
    expect(question({}, 'csv').query).toMatchObject({ limit: undefined });
  });

  test.each(['limit', 'after'])('takes no %s with groupBy', (parameter) => {
    expect(mistakeOf({ groupBy: 'user', [parameter]: parameter === 'limit' ? '5' : cursorAt('usage', 1) })).toBe(
      `${parameter}: does not go with groupBy, sums come whole.`,
    );
  });

  test.each(['+01:00', 'Mars/Phobos', '', 'Europe/Berlin\0', '../etc/passwd'])('takes no time zone %j', (timeZone) => {
    expect(usageQuery.safeParse({ timeZone }).success).toBe(false);
  });
});

import fc from 'fast-check';
import { combine } from '../../../src/licode/combine';
import { FailureTally } from '../../../src/licode/failure-tally';
import { FLAVOURS, gaugesOf } from '../../../src/licode/flavour';
import { at, itself, readAnswer, type Gauge, type Question } from '../../../src/licode/question';

const sum = (name: string, read: Gauge['read'], more: Partial<Gauge> = {}): Gauge => ({
  name,
  help: name,
  combine: 'sum',
  read,
  ...more,
});
const rooms: Question = { text: '', gauges: [sum('rooms', itself)] };
const pair: Question = { text: '', gauges: [sum('a', at('a', 1)), sum('b', at('b'), { layer: 'dtls' })] };
const numbersIn = (question: Question, text: unknown): unknown => {
  const reading = readAnswer(question, text);
  return reading && Object.fromEntries(reading.numbers);
};

describe('an answer', () => {
  test.each([
    [rooms, '3\n', { rooms: 3 }],
    [rooms, '0', { rooms: 0 }],
    [pair, '{"a":[7,8,9],"b":2,"c":"ignored"}\n', { a: 8, b: 2 }],
    [pair, '{"a":[],"b":2}', { b: 2 }],
    [pair, '{"a":null,"b":2}', { b: 2 }],
  ])('%#: its numbers are read', (question, text, numbers) => {
    expect(numbersIn(question, text)).toEqual(numbers);
  });

  test.each([
    [rooms, 'NaN\n'],
    [rooms, '-1'],
    [rooms, '1.5'],
    [rooms, '1e10'],
    [rooms, '"3"'],
    [rooms, '3\n3\n'],
    [rooms, ''],
    [rooms, 'null'],
    [rooms, 'Uncaught TypeError'],
    [rooms, 3],
    [rooms, undefined],
    [pair, '{}'],
    [pair, '5'],
    [pair, '{"a":[0,1],"b":-2}'],
    [pair, '{"a":{"1":true},"b":2}'],
  ])('%#: one that was not asked for is refused whole', (question, text) => {
    expect(numbersIn(question, text)).toBeUndefined();
  });

  test('members that an answer only inherits are none of it', () => {
    const inherited: Question = { text: '', gauges: [sum('x', at('length')), sum('y', at('constructor', 'length'))] };
    expect(numbersIn(inherited, '"four"')).toBeUndefined();
    expect(numbersIn(inherited, '{}')).toBeUndefined();
  });
});

const texts = fc.oneof(
  fc.string(),
  fc.json(),
  fc.double().map(String),
  fc.jsonValue().map((value) => `${JSON.stringify(value)}\n`),
);

test.each(['licode', 'mediasoup'] as const)(
  'no answer makes a question of %s throw, or give an impossible number',
  (flavour) => {
    const questions = FLAVOURS[flavour].flatMap((level) => level.questions);
    fc.assert(
      fc.property(fc.constantFrom(...questions), fc.array(fc.oneof(texts, fc.anything())), (question, answers) => {
        const readings = answers.map((answer) => readAnswer(question, answer));
        for (const [name, value] of combine(question, readings)) {
          expect(question.gauges.map((gauge) => gauge.name)).toContain(name);
          if (value !== undefined) expect(Number.isFinite(value) && value >= 0).toBe(true);
        }
      }),
    );
  },
);

test('a sum is the sum of what was said, whatever rubbish others said', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(), { minLength: 1 }),
      fc.array(fc.constantFrom('x', '-1', '1.5', '{}', '1e99')),
      (good, bad) => {
        const said = good.map((value) => value % 1e9);
        const readings = [...said.map(String), ...bad].map((text) => readAnswer(rooms, text));
        expect(combine(rooms, readings).get('rooms')).toBe(said.reduce((total, value) => total + value, 0));
      },
    ),
  );
});

describe('combined answers', () => {
  const one = (how: Gauge['combine'], ofNone?: number): Question => ({
    text: '',
    gauges: [{ name: 'x', help: '', combine: how, read: itself, ...(ofNone !== undefined && { ofNone }) }],
  });
  const of = (question: Question, ...texts: (string | undefined)[]): number | undefined =>
    combine(
      question,
      texts.map((text) => readAnswer(question, text)),
    ).get('x');

  test('the largest, the average, and the sum', () => {
    expect(of(one('max'), '1', '2.5', '2')).toBe(2.5);
    expect(of(one('mean'), '1', '2', '6')).toBe(3);
    expect(of(one('sum'), '1', '2', '6')).toBe(9);
  });

  test('one that did not answer takes no part, not even in the average', () => {
    expect(of(one('mean'), '4', undefined, '8')).toBe(6);
  });

  test('nobody who answered makes no number, nobody to ask makes that of none', () => {
    expect(of(one('sum'), undefined, undefined)).toBeUndefined();
    expect(of(one('sum'))).toBe(0);
    expect(of(one('mean', 10))).toBe(10);
  });
});

test('failures are added up as they come, and shown for one interval', () => {
  const tally = new FailureTally();
  const reading = readAnswer(pair, '{"a":[0,5],"b":2}');
  if (!reading) throw new Error('it was refused');
  tally.add(pair, reading);
  tally.add(pair, reading);
  tally.endInterval();
  expect(tally.recent).toEqual({ ice: 0, dtls: 4, sctp: 0 });
  tally.add(pair, reading);
  tally.endInterval();
  tally.endInterval();
  expect(tally.recent).toEqual({ ice: 0, dtls: 0, sctp: 0 });
  expect(tally.total).toEqual({ ice: 0, dtls: 6, sctp: 0 });
});

describe('the original names', () => {
  const namesOf = (flavour: 'licode' | 'mediasoup'): string[] => gaugesOf(FLAVOURS[flavour]).map(({ name }) => name);

  test("all of mediasoup-signal's are there", () => {
    expect(namesOf('mediasoup').sort()).toEqual(
      [
        'active_rooms',
        'active_clients',
        'total_publishers',
        'total_subscribers',
        'active_erizojs_processes',
        'total_ice_connections_failed',
        'total_dtls_connections_failed',
        'total_sctp_connections_failed',
        'produce_score',
        'consume_score',
        'rpcCost',
      ].sort(),
    );
  });

  test("each of licode's stands once, and can be a metric's name", () => {
    const names = namesOf('licode');
    expect(new Set(names).size).toBe(names.length);
    // Those of its gatherer but release_info, which it reads from a file of its own, and 22 measures with 4 statistics.
    expect(names.length).toBe(48 + 22 * 4);
    for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
  });
});

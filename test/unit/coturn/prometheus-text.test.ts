import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { parsePrometheusPage } from '../../../src/coturn/prometheus-text';

/** Of coturn 4.17.1, after a few clients. */
const captured = readFileSync('test/fixtures/coturn-4.17.1/metrics.txt', 'utf8');
const wanted = new Set(['a', 'b']);
const read = (text: string): [Record<string, number>, number] => {
  const { values, malformed } = parsePrometheusPage(text, wanted);
  return [Object.fromEntries(values), malformed];
};

test("coturn's page: a counter without a sample stands at 0, a family that it has not is absent, labelled ones are not looked at", () => {
  const names = new Set(['stun_binding_request', 'stun_binding_error', 'turn_packet_dropped', 'turn_of_the_future']);
  const { values, malformed } = parsePrometheusPage(captured, names);
  expect(Object.fromEntries(values)).toEqual({
    stun_binding_request: 13,
    stun_binding_error: 0,
    turn_packet_dropped: 1,
  });
  expect(malformed).toBe(0);
});

test.each([
  ['a large number as C prints it', 'a 1.2345678901234567e+17', { a: 123456789012345670 }],
  ['the line end of Windows', 'a 5\r', { a: 5 }],
  ['a longer name that begins alike', 'ab 5\na:x 6\naé 7', {}],
])('%s', (_, text, values) => {
  expect(read(text)[0]).toEqual(values);
});

test.each([
  ['a label', 'a{user="x"} 1'],
  ['a negative value', 'a -1'],
  ['no number', 'a NaN'],
  ['infinity', 'a 1e999'],
  ['hexadecimal', 'a 0x10'],
  ['no value', 'a'],
  ['a timestamp', 'a 1 1700000000000'],
  ['a second value', 'a 1\na 2'],
])('a family with %s has no value, is counted, and costs no other its own', (_, text) => {
  expect(read(`# TYPE a counter\n${text}\nb 3\n`)).toEqual([{ b: 3 }, 1]);
});

test('whatever a page holds, values are finite numbers from 0 of wanted families', () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom('a', 'b ', '# TYPE a counter', '\n', ' ', '{', '}', '-1', '1e308'),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const { values } = parsePrometheusPage(pieces.join(''), wanted);
      for (const [name, value] of values) {
        expect(wanted.has(name)).toBe(true);
        expect(Number.isFinite(value) && value >= 0).toBe(true);
      }
    }),
  );
});

// What reads each character again for each before it would take hours.
test('4 MiB made to be slow are not', () => {
  const size = 4 * 1024 * 1024;
  for (const unit of ['a', 'a ', '} ', '\n', '# TYPE ', 'a 1 ']) {
    const startedAt = performance.now();
    read(unit.repeat(size / unit.length));
    expect(performance.now() - startedAt).toBeLessThan(20_000);
  }
});

import fc from 'fast-check';
import { LineCutter } from '../../../src/sources/log-lines';

function cut(chunks: readonly string[], maxLength = 10): [string, number][] {
  const lines: [string, number][] = [];
  const cutter = new LineCutter(maxLength, (line, bytes) => lines.push([line, bytes]));
  for (const chunk of chunks) cutter.push(chunk);
  cutter.finish();
  return lines;
}

test('a line that came in pieces is one line', () => {
  expect(cut(['ab', '', 'c\n', '\n', 'd\ne'])).toEqual([
    ['abc', 4],
    ['', 1],
    ['d', 2],
    ['e', 1],
  ]);
});

test('of a line that is too long the rest is dropped, and counted', () => {
  expect(cut(['0123456789', 'abc', 'def\nx\n'])).toEqual([
    ['0123456789', 17],
    ['x', 2],
  ]);
});

test('the lines do not depend on where a read ended, and their bytes add up', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n'), maxLength: 80 });
  fc.assert(
    fc.property(fc.array(text, { maxLength: 6 }), (chunks) => {
      const lines = cut(chunks);
      expect(lines).toEqual(cut([chunks.join('')]));
      expect(lines.reduce((sum, [, bytes]) => sum + bytes, 0)).toBe(chunks.join('').length);
    }),
  );
});

import fc from 'fast-check';
import { csvLine } from '../../../src/http/serialize/csv';
import { parseCsv } from '../../support/csv-text';

const bare = (text: string): string => text.replaceAll("'", '');

describe('csvLine', () => {
  test('writes texts, numbers, truth values and lists, and ends the line as RFC 4180 has it', () => {
    expect(csvLine(['a', 1.5, true, ['udp', 'tls'], '', []])).toBe('a,1.5,true,udp tls,,\r\n');
  });

  test.each([
    ['a comma', 'a,b', '"a,b"\r\n'],
    ['a quote', 'a"b', '"a""b"\r\n'],
    ['nothing but quotes', '""', '""""""\r\n'],
    ['a line break', 'a\nb', '"a\nb"\r\n'],
    ['a carriage return', 'a\rb', '"a\rb"\r\n'],
    ['what LibreOffice takes for the end of a cell', 'a;0\tb', '"a;0\tb"\r\n'],
  ])('quotes %s', (_what, text, line) => {
    expect(csvLine([text])).toBe(line);
  });

  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t1', '\r1', '\n1', '=cmd|\' /C calc\'!A0","'])(
    'takes from %j that a spreadsheet would run it',
    (text) => {
      expect(parseCsv(csvLine([text]))).toEqual([[`'${text}`]]);
    },
  );

  test.each([
    ['a;=1+1;b', "a;'=1+1;b"],
    ['a\t@b', "a\t'@b"],
    ['a\r\n-1', "a\r'\n'-1"],
    ['\t=1', "'\t'=1"],
    ['a;"=1', `a;"'=1`],
  ])('takes it from a cell that a spreadsheet begins within %j', (text, harmless) => {
    expect(parseCsv(csvLine([text]))).toEqual([[harmless]]);
  });

  test('takes it from a list too, and leaves numbers below zero alone', () => {
    expect(csvLine([['=1', 'udp'], -5])).toBe("'=1 udp,-5\r\n");
  });

  test('whatever the names are: they come back, in as many fields, and none holds a formula', () => {
    const letter = fc.constantFrom('=', '+', '-', '@', '"', ',', '\r', '\n', '\t', "'", 'a', 'é', '🦊', '\0', ';');
    const text = fc.string({ unit: letter, maxLength: 12 });
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 5 }), fc.array(text, { minLength: 1 }), (one, two) => {
        const [first = [], second = [], ...rest] = parseCsv(csvLine(one) + csvLine(two));
        expect(rest).toEqual([]);
        for (const [written, given] of [
          [first, one],
          [second, two],
        ] as const) {
          expect(written.map(bare)).toEqual(given.map(bare));
          for (const field of written) expect(field).not.toMatch(/(^|[;\t\r\n]"*)[=+\-@\t\r\n]/);
        }
      }),
    );
  });
});

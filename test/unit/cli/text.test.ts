import fc from 'fast-check';
import { bytes, count, duration, time } from '../../../src/cli/text/human';
import { jsonLine } from '../../../src/cli/text/lines';
import { printable } from '../../../src/cli/text/printable';
import { table } from '../../../src/cli/text/table';
import { shorten, widthOf } from '../../../src/cli/text/width';

describe('printable text', () => {
  it.each([
    ['alice', 'alice'],
    ['한국어 é 😀', '한국어 é 😀'],
    ['\u001b[2J\r\n\t\u0007\u007f', '\\u001b[2J\\u000d\\u000a\\u0009\\u0007\\u007f'],
    ['\u009b2J\u2028\u202e\u200b\ufeff', '\\u009b2J\\u2028\\u202e\\u200b\\ufeff'],
    ['\ud800', '\\ud800'],
    ['\u{e0041}', '\\udb40\\udc41'],
  ])('of %j is %s', (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it('of a JSON line says the same as before', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const line = jsonLine({ text });
        expect(line.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
        expect(JSON.parse(line)).toEqual({ text });
      }),
    );
  });
});

describe('the width of a text', () => {
  it.each([
    ['alice', 5],
    ['漢字', 4],
    ['é', 1],
    ['e\u0301', 1],
    ['😀', 2],
    ['가나', 4],
  ])('%s is %d', (text, width) => {
    expect(widthOf(text)).toBe(width);
  });

  it('is never more than asked for', () => {
    expect(shorten('alice', 5)).toBe('alice');
    expect(shorten('alice', 4)).toBe('ali…');
    expect(shorten('漢字漢', 4)).toBe('漢…');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(20), (text, columns) => {
        expect(widthOf(shorten(text, columns))).toBeLessThanOrEqual(columns);
      }),
    );
  });
});

describe('human units', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [999_949, '999.9 kB'],
    [999_950, '1.0 MB'],
    [98_765_432, '98.8 MB'],
    [Number.MAX_SAFE_INTEGER, '9.0 PB'],
  ])('of %d bytes are %s', (size, text) => {
    expect(bytes(size)).toBe(text);
  });

  it.each([
    [0.9, '0s'],
    [59.999, '59s'],
    [60, '1m 00s'],
    [3599, '59m 59s'],
    [3725, '1h 02m'],
    [86_399, '23h 59m'],
    [183_600, '2d 03h'],
  ])('of %d seconds are %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });

  it('separate thousands, and say times where they are', () => {
    expect(count(1_234_567)).toBe('1,234,567');
    expect(time(new Date('2026-11-21T23:30:00.999Z'), 'Asia/Kathmandu')).toBe('2026-11-22 05:15:00');
  });
});

describe('a table', () => {
  interface Row {
    readonly name: string;
    readonly realm: string;
    readonly size: number;
  }
  const columns = [
    { header: 'NAME', value: ({ name }: Row) => name, least: 8 },
    { header: 'REALM', value: ({ realm }: Row) => realm, least: 6 },
    { header: 'SIZE', value: ({ size }: Row) => String(size), align: 'right' as const },
  ];
  const spared = ['REALM', 'SIZE'];
  const rows = [
    { name: 'a-name-that-is-long', realm: 'example.org', size: 5 },
    { name: '漢字', realm: 'x', size: 12_345 },
  ];

  it('is as wide as what it holds', () => {
    expect(table(rows, { columns, spared, width: 80 })).toEqual([
      'NAME                 REALM         SIZE',
      'a-name-that-is-long  example.org      5',
      '漢字                 x            12345',
    ]);
  });

  it('shortens what may be shortened, then leaves out what can be spared, but never cuts a number', () => {
    expect(table(rows, { columns, spared, width: 25 })).toEqual([
      'NAME      REALM      SIZE',
      'a-name-…  example…      5',
      '漢字      x         12345',
    ]);
    expect(table(rows, { columns, spared, width: 18 })).toEqual([
      'NAME          SIZE',
      'a-name-tha…      5',
      '漢字         12345',
    ]);
    expect(table(rows, { columns, spared, width: 3 })).toEqual(['NAME', 'a-name-…', '漢字']);
  });

  it('has its total below a rule', () => {
    const total = { name: 'total', realm: '', size: 12_350 };
    expect(table(rows.slice(1), { columns, spared, width: 80, total })).toEqual([
      'NAME   REALM   SIZE',
      '漢字   x      12345',
      '-------------------',
      'total         12350',
    ]);
  });

  it('fits wherever its narrowest columns do', () => {
    const row = fc.record({ name: fc.string({ unit: 'binary' }), realm: fc.string(), size: fc.nat(9999) });
    fc.assert(
      fc.property(fc.array(row), fc.integer({ min: 8, max: 120 }), (some, width) => {
        const lines = table(some, { columns, spared, width });
        expect(lines).toHaveLength(some.length + 1);
        for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width);
      }),
    );
  });
});

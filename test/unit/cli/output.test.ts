import fc from 'fast-check';
import { linesOf } from '../../../src/cli/output/lines';
import { RecordCounter } from '../../../src/cli/output/record-counter';

/** The bytes of a text in pieces of `size`. */
function pieces(text: string, size: number): Uint8Array[] {
  const all = Buffer.from(text);
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.subarray(i * size, (i + 1) * size));
}

async function* from(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* await Promise.resolve(chunks);
}

async function read(chunks: readonly Uint8Array[]): Promise<string[]> {
  const lines: string[] = [];
  for await (const some of linesOf(from(chunks))) lines.push(...some);
  return lines;
}

describe('lines', () => {
  it('are the same however their bytes come', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.stringMatching(/^[^\n\ud800-\udfff]+$/u)),
        fc.integer({ min: 1, max: 9 }),
        async (lines, size) => {
          expect(await read(pieces(lines.map((line) => `${line}\n`).join(''), size))).toEqual(lines);
        },
      ),
    );
  });

  it('count without an end as well, and are bounded', async () => {
    expect(await read(pieces('a\nb', 2))).toEqual(['a', 'b']);
    await expect(read(pieces('x'.repeat(2 ** 20 + 1), 65_536))).rejects.toThrow('too long');
  });
});

describe('the count of records', () => {
  it.each([
    ['csv' as const, 'id,user\r\n1,a\r\n2,"x\ny""\n"\r\n', 2],
    ['csv' as const, '', 0],
    ['ndjson' as const, '{"user":"\\"\\n"}\n{}\n', 2],
  ])('in %s is that of its rows, however its bytes come: %j', (format, text, records) => {
    for (const size of [1, 3, 1000]) {
      const counter = new RecordCounter(format);
      for (const piece of pieces(text, size)) counter.add(piece);
      expect({ records: counter.records, bytes: counter.bytes }).toEqual({ records, bytes: text.length });
    }
  });
});

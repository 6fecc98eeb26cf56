import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { TelnetText } from '../../../src/coturn/telnet-text';

const capture = (version: string): Buffer =>
  readFileSync(join(__dirname, '../../fixtures', `coturn-${version}`, 'cli.bin'));

describe.each(['4.6.1', '4.17.1'])('the capture of coturn %s', (version) => {
  const bytes = capture(version);
  const tokens = new TelnetText().feed(bytes);

  test('has a prompt after the login and after each of the four commands', () => {
    expect(tokens.filter(({ kind }) => kind === 'prompt')).toHaveLength(5);
  });

  test('reads the same however it is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 20 }), (cuts) => {
        const text = new TelnetText();
        const edges = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const parts = edges.slice(1).flatMap((end, i) => text.feed(bytes.subarray(edges[i], end)));
        expect(parts).toEqual(tokens);
      }),
      { numRuns: 20 },
    );
  });
});

test('telnet commands are no text: negotiation, subnegotiation, NOP, an escaped 255', () => {
  const bytes = Buffer.from([
    255, 251, 31, 0x61, 255, 250, 24, 1, 255, 255, 9, 255, 240, 0x62, 255, 241, 255, 255, 0x0a,
  ]);
  expect(new TelnetText().feed(bytes)).toEqual([{ kind: 'line', text: 'ab\xff' }]);
});

test('a line without end does not grow without bound', () => {
  const [line] = new TelnetText().feed(Buffer.from(`${'x'.repeat(100_000)}\n`));
  expect(line).toEqual({ kind: 'line', text: 'x'.repeat(4096) });
});

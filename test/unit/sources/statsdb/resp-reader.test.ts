import fc from 'fast-check';
import { ProtocolError, RespReader } from '../../../../src/sources/statsdb/resp-reader';
import { resp } from '../../../support/captures';

function readAll(reader: RespReader, chunks: readonly Buffer[]): string[][] {
  const commands: string[][] = [];
  for (const chunk of chunks) {
    reader.push(chunk, () => {
      const args = Array.from({ length: reader.count }, (_, i) =>
        reader.text.buffer.toString('latin1', reader.starts[i], reader.ends[i]),
      );
      commands.push(args);
      return true;
    });
  }
  return commands;
}

/** Cuts the bytes at the given places, wherever they fall. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end));
}

const argument = fc.string({ unit: 'binary-ascii', maxLength: 200 });
const command = fc.array(argument, { minLength: 1, maxLength: 8 });

test('commands come out as they went in, wherever the stream is cut', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 20 }), fc.array(fc.nat(), { maxLength: 30 }), (commands, places) => {
      const bytes = Buffer.concat(commands.map((args) => resp(...args)));
      expect(readAll(new RespReader(), cut(bytes, places))).toEqual(commands);
    }),
  );
});

test('a command larger than what is joined at first, cut anywhere, is read whole', () => {
  const large = ['set', 'k'.repeat(4096), 'v'.repeat(4096), 'w'.repeat(4096)];
  const bytes = Buffer.concat([resp(...large), resp('ping')]);
  for (const place of [1, 5, 900, 5000, 12_000]) {
    expect(readAll(new RespReader(), cut(bytes, [place]))).toEqual([large, ['ping']]);
  }
});

test('bytes that are not RESP end in a ProtocolError, never in another error or a command', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (bytes) => {
      const reader = new RespReader();
      try {
        reader.push(Buffer.from(bytes), () => true);
      } catch (failure) {
        expect(failure).toBeInstanceOf(ProtocolError);
      }
    }),
  );
});

test.each([
  ['an inline command', 'PING\r\n', 'malformed'],
  ['a negative length', '*1\r\n$-1\r\n', 'malformed'],
  ['an argument without its end', '*1\r\n$1\r\nab\r\n', 'malformed'],
  ['a length without digits', '*\r\n', 'malformed'],
  ['too many arguments', '*9\r\n', 'oversized'],
  ['an argument that is too long', '*1\r\n$4097\r\n', 'oversized'],
  ['a length that never ends', `*${'1'.repeat(50)}`, 'oversized'],
])('%s is refused', (_, text, reason) => {
  expect(reasonOf(Buffer.from(text))).toBe(reason);
});

function reasonOf(bytes: Buffer): string | undefined {
  try {
    new RespReader().push(bytes, () => true);
  } catch (failure) {
    return failure instanceof ProtocolError ? failure.reason : 'another error';
  }
  return undefined;
}

test('what is kept of a command that never ends is bounded', () => {
  const reader = new RespReader();
  const drip = (): void => {
    reader.push(Buffer.from('*8\r\n'), () => true);
    for (let i = 0; i < 100_000; i++) reader.push(Buffer.from('$4096\r\n' + 'x'.repeat(4096) + '\r\n'), () => true);
  };
  expect(drip).toThrow(ProtocolError);
});

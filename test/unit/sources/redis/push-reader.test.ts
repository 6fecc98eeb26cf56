import fc from 'fast-check';
import { PushError, PushReader } from '../../../../src/sources/redis/push-reader';
import { resp } from '../../../support/captures';

interface Heard {
  readonly messages: [channel: string, text: string][];
  pongs: number;
  oversized: number;
}

const push = (channel: string, text: string): Buffer => resp('pmessage', 'turn/*', channel, text);
const PONG = resp('pong', '');

function read(chunks: readonly Buffer[]): Heard {
  const heard: Heard = { messages: [], pongs: 0, oversized: 0 };
  const textAt = (i: number): string => reader.text.buffer.toString('utf8', reader.starts[i], reader.ends[i]);
  const reader = new PushReader({
    onMessage: () => heard.messages.push([textAt(1), textAt(2)]),
    onPong: () => heard.pongs++,
    onOversized: () => heard.oversized++,
  });
  for (const chunk of chunks) reader.push(chunk);
  return heard;
}

/** The bytes in pieces of these sizes, again and again. */
function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

test('however the bytes are cut, each message comes once, whole and in order', () => {
  const texts = fc.array(fc.tuple(fc.string({ maxLength: 80 }), fc.string({ maxLength: 80 })), { maxLength: 12 });
  const sizes = fc.array(fc.integer({ min: 1, max: 97 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(texts, sizes, (messages, pieces) => {
      const bytes = Buffer.concat(messages.flatMap(([channel, text]) => [push(channel, text), PONG]));
      expect(read(cut(bytes, pieces))).toEqual({ messages, pongs: messages.length, oversized: 0 });
    }),
  );
});

test.each([
  ['a channel', [push('c'.repeat(5000), 'text')]],
  ['a message', [push('channel', 't'.repeat(70_000))]],
  ['both', [push('c'.repeat(9000), 't'.repeat(9000))]],
])('%s that is too long is stepped over, and what follows is heard, however it is cut', (_, long) => {
  const bytes = Buffer.concat([push('a', '1'), ...long, push('b', '2')]);
  for (const size of [1, 7, 4096, bytes.length]) {
    expect(read(cut(bytes, [size]))).toEqual({
      messages: [
        ['a', '1'],
        ['b', '2'],
      ],
      pongs: 0,
      oversized: 1,
    });
  }
});

test.each([
  ['another kind of push', resp('message', 'turn/x', 'y')],
  ['another pattern', resp('pmessage', 'turn/+', 'turn/x', 'y')],
  ['an error', Buffer.from('-ERR unknown\r\n')],
  ['a length that is none', Buffer.from('*4\r\n$8\r\npmessage\r\n$6\r\nturn/*\r\n$x\r\n')],
  ['a length beyond all bounds', Buffer.from('*4\r\n$8\r\npmessage\r\n$6\r\nturn/*\r\n$9999999999\r\n')],
  ['an empty length', Buffer.from('*4\r\n$8\r\npmessage\r\n$6\r\nturn/*\r\n$\r\n')],
  [
    'a text that is longer than it says',
    Buffer.from('*4\r\n$8\r\npmessage\r\n$6\r\nturn/*\r\n$1\r\nab\r\n$1\r\na\r\n'),
  ],
])('%s is an error, whole or byte by byte', (_, bytes) => {
  for (const size of [1, bytes.length]) expect(() => read(cut(bytes, [size]))).toThrow(PushError);
});

test('nothing but PushError is thrown, whatever comes', () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.constantFrom(push('a', 'b'), PONG, Buffer.from('$3\r\n')),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 10 }), (pieces) => {
      try {
        read(pieces.map((bytes) => Buffer.from(bytes)));
      } catch (error) {
        expect(error).toBeInstanceOf(PushError);
      }
    }),
  );
});

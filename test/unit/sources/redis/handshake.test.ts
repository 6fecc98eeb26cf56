import { SubscribeHandshake, type HandshakeState } from '../../../../src/sources/redis/handshake';

const CONFIRMED = '*3\r\n$10\r\npsubscribe\r\n$6\r\nturn/*\r\n:1\r\n';
const OPEN = { username: undefined, password: undefined };
const KNOWN = { username: 'reader', password: 'p w' };

function last(target: typeof OPEN | typeof KNOWN, text: string, size = text.length): HandshakeState {
  const handshake = new SubscribeHandshake(target);
  let state: HandshakeState = { kind: 'more' };
  for (let at = 0; at < text.length; at += size) state = handshake.take(Buffer.from(text.slice(at, at + size)));
  return state;
}

test('it asks for what it needs at once, the words apart', () => {
  const asked = new SubscribeHandshake(KNOWN).request().toString();
  expect(asked).toContain('*3\r\n$4\r\nAUTH\r\n$6\r\nreader\r\n$3\r\np w\r\n');
  expect(asked).toMatch(/\*2\r\n\$10\r\nPSUBSCRIBE\r\n\$6\r\nturn\/\*\r\n$/);
  expect(new SubscribeHandshake(OPEN).request().toString()).not.toContain('AUTH');
});

test('what comes behind the confirmation is handed on', () => {
  const state = last(KNOWN, `+OK\r\n+OK\r\n${CONFIRMED}*4`);
  expect(state).toEqual({ kind: 'subscribed', rest: Buffer.from('*4') });
  expect(last(KNOWN, `+OK\r\n+OK\r\n${CONFIRMED}`, 1)).toEqual({ kind: 'subscribed', rest: Buffer.alloc(0) });
});

test('a connection that may not be named is subscribed all the same', () => {
  expect(last(OPEN, `-NOPERM no setname\r\n${CONFIRMED}`)).toMatchObject({ kind: 'subscribed' });
});

test.each([
  ['the password is wrong', KNOWN, '-WRONGPASS invalid\r\n', 'Redis refused: WRONGPASS invalid'],
  ['it may not subscribe', OPEN, '+OK\r\n-NOPERM no channels\r\n', 'Redis refused: NOPERM no channels'],
  ['Redis is loading', OPEN, '+OK\r\n-LOADING wait\u0007\r\n', 'Redis refused: LOADING wait?'],
  ['it is no Redis', OPEN, 'HTTP/1.1 400\r\n', 'what answers there is no Redis'],
  ['it never ends', OPEN, 'x'.repeat(5000), 'what answers there is no Redis'],
  ['it never ends after the beginning', OPEN, `+OK\r\n-${'x'.repeat(5000)}`, 'what answers there is no Redis'],
] as const)('where %s, it says so', (_, target, text, sentence) => {
  expect(last(target, text)).toEqual({ kind: 'failed', sentence });
});

import fc from 'fast-check';
import { byteText } from '../../../src/coturn/byte-pattern';
import { parseStatus, TrafficMessage } from '../../../src/coturn/stats-message';
import { CAPTURES, readCapture } from '../../support/captures';

function parseTraffic(text: string): number[] | undefined {
  const message = new TrafficMessage();
  const bytes = Buffer.from(`<${text}>`);
  return message.parse(byteText(bytes), 1, bytes.length - 1) ? [...message.values] : undefined;
}

test('counts come out as coturn wrote them, up to the largest that a double holds', () => {
  const count = fc.nat(Number.MAX_SAFE_INTEGER).filter((value) => value < 1e15);
  fc.assert(
    fc.property(count, count, count, count, (a, b, c, d) => {
      expect(parseTraffic(`rcvp=${a}, rcvb=${b}, sentp=${c}, sentb=${d}`)).toEqual([a, b, c, d]);
    }),
  );
});

test.each([
  '',
  'rcvp=1, rcvb=2, sentp=3',
  'rcvp=1, rcvb=2, sentp=3, sentb=',
  'rcvp=1, rcvb=2, sentp=3, sentb=4, ',
  'rcvp=-1, rcvb=2, sentp=3, sentb=4',
  'rcvp=1, rcvb=2, sentp=3, sentb=4444444444444444',
  'rcvb=1, rcvp=2, sentp=3, sentb=4',
])('%p is no traffic', (text) => {
  expect(parseTraffic(text)).toBeUndefined();
});

test('the status of a new server tells transport and client', () => {
  const text = 'new lifetime=777, type=TLS/TCP, local=127.0.0.1:5349, remote=[::1]:5, ssl=TLSv1.3, cipher=X';
  expect(parseStatus(text)).toEqual({
    kind: 'new',
    lifetimeSeconds: 777,
    local: '127.0.0.1:5349',
    endpoint: { transport: 'tls', remote: '[::1]:5' },
  });
});

test('the status of an old server tells the lifetime alone', () => {
  const endpoint = { transport: 'other', remote: '' };
  expect(parseStatus('refreshed lifetime=0')).toEqual({ kind: 'refreshed', lifetimeSeconds: 0, local: '', endpoint });
});

test.each(['', 'new', 'new lifetime=', 'new lifetime=x', 'gone lifetime=1', 'deleted ', 'newlifetime=1'])(
  '%p is no status',
  (text) => {
    expect(parseStatus(text)).toBeUndefined();
  },
);

test.each(CAPTURES)('every message of the capture %s is understood', (name) => {
  const messages = readCapture(name).flatMap(({ cmd }) => (cmd?.[0] === 'publish' ? [cmd] : []));
  for (const [, channel = '', text = ''] of messages) {
    if (channel.endsWith('/status')) expect(parseStatus(text)).toBeDefined();
    else if (channel !== '__XXX__') expect(parseTraffic(text)).toBeDefined();
  }
});

import { duration, formatListenAddress, listenAddress, waitingTime } from '../../../src/config/units';

describe('duration', () => {
  it.each([
    ['250ms', 0.25],
    ['10s', 10],
    ['1.5m', 90],
    ['1h', 3600],
    ['7d', 604_800],
    ['42', 42],
    [42, 42],
    [0, 0],
  ])('reads %j as seconds', (given, seconds) => {
    expect(duration.parse(given)).toBe(seconds);
  });

  it.each(['', '10 s', '10x', '-1s', '1e3s', 'Infinity', '9'.repeat(400), -1, true, null])('refuses %j', (given) => {
    const result = duration.safeParse(given);
    expect(result.error?.issues[0]?.message).toBe('expected a duration such as 10s, 5m, 1h or 7d');
  });

  it('refuses to wait longer than a timer of Node.js can', () => {
    expect(waitingTime.safeParse('1d').success).toBe(true);
    expect(waitingTime.safeParse('25h').success).toBe(false);
  });
});

describe('listenAddress', () => {
  it.each([
    ['127.0.0.1:9642', '127.0.0.1', 9642],
    ['localhost:0', 'localhost', 0],
    ['[::1]:9642', '::1', 9642],
    [':65535', '::', 65_535],
  ])('reads %s', (text, host, port) => {
    expect(listenAddress.parse(text)).toEqual({ host, port });
  });

  it.each(['', '9642', '127.0.0.1', '127.0.0.1:65536', '::1:9642', '[1.2.3.4]:1', '[::1]', 'a b:1', 'a:b:1', 'x:-1'])(
    'refuses %j',
    (text) => {
      expect(listenAddress.safeParse(text).success).toBe(false);
    },
  );

  it.each(['127.0.0.1:9642', '[::1]:9642', 'relay.example.org:80'])('writes %s as it was read', (text) => {
    expect(formatListenAddress(listenAddress.parse(text))).toBe(text);
  });
});

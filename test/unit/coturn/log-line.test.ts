import { parseLogHeader } from '../../../src/coturn/log-header';
import { parseLogMessage, type LogEntry } from '../../../src/coturn/log-line';

const HEADERS = {
  '4.6.1': '12: : ',
  '4.6.1, an error': '12: : ERROR: ',
  '4.6.1 --new-log-timestamp': '2026-11-21T03:49:05+0000: ',
  '4.6.1 --new-log-timestamp, an error': '2026-11-21T03:49:05-0530: ERROR: ',
  '4.9': '12: (4711): INFO: ',
  '4.9 --new-log-timestamp': '2026-11-21T03:49:05+0000(4711): ERROR: ',
  '4.9 --log-file-line': '12: (4711): src/server/ns_turn_server.c(80):INFO: ',
  '4.17': '2026-11-21T03:49:05.945+0000 INFO ',
  '4.17 --log-file-line': '2026-11-21T03:49:05.945+0000 ns_turn_server.c(80) ERROR ',
};
const SESSION = 'session 001000000000000003: ';
const id = { high: 1_000_000, low: 3 };

function parse(message: string, header = HEADERS['4.6.1']): LogEntry | undefined {
  const line = header + message;
  return parseLogMessage(line, parseLogHeader(line)?.length ?? 0);
}

describe.each(Object.entries(HEADERS))('a line of coturn %s', (_version, header) => {
  it('is found behind its header', () => {
    const refused =
      'realm <example.org> user <17:al>: incoming packet ALLOCATE processed, error 486: Allocation Quota Reached';
    expect(parse(SESSION + refused, header)).toEqual({
      ...id,
      kind: 'error',
      method: 'allocate',
      code: '486',
      summary: false,
      hasUser: true,
    });
  });
});

test('only 4.17 and later are taken to keep a record on its line', () => {
  const oneLine = Object.values(HEADERS).filter((header) => parseLogHeader(`${header}x`)?.oneLine === true);
  expect(oneLine).toEqual([HEADERS['4.17'], HEADERS['4.17 --log-file-line']]);
});

test.each(['', 'RFC 3489/5389/5766 STUN/TURN Server', 'Version Coturn-4.6.1', ' 12: : session', '12:session'])(
  'the second line of a record, %j, has no header',
  (line) => {
    expect(parseLogHeader(line)).toBeUndefined();
  },
);

test('the challenge of an allocation has no user', () => {
  expect(
    parse(`${SESSION}realm <r> user <>: incoming packet message processed, error 401: Unauthorized`),
  ).toMatchObject({
    kind: 'error',
    summary: true,
    hasUser: false,
  });
});

test('a method or code that no RFC knows becomes other', () => {
  expect(parse(`${SESSION}realm <r> user <u>: incoming packet OLD BINDING processed, error 799: What`)).toMatchObject({
    method: 'other',
    code: 'other',
  });
});

test('what a client says in its origin is not taken for the user, method and code of the request', () => {
  const origin = 'x> realm <r> user <alice>: incoming packet ALLOCATE processed, error 508: no';
  const line = `${SESSION}origin <${origin}> realm <r> user <>: incoming packet message processed, error 401: Unauthorized`;
  expect(parse(line)).toMatchObject({ method: 'other', code: '401', hasUser: false });
});

test.each([
  ['check_stun_auth: Cannot find credentials of user <mallory>', { reason: 'unknown' }],
  [
    'check_stun_auth: Cannot find credentials of user <1795232684:bob>',
    { reason: 'unknown', expiresAt: 1_795_232_684 },
  ],
  ['check_stun_auth: user bob credentials are incorrect', { reason: 'incorrect' }],
  ['check_stun_auth: wrong username: a b', { reason: 'malformed' }],
  ['check_stun_auth: wrong realm: a b', { reason: 'malformed' }],
  ['handle_turn_allocate: wrong username: a b', { reason: 'malformed' }],
])('%s is a failed authentication, with and without a session in front', (message, expected) => {
  expect(parse(message)).toEqual({ kind: 'auth_failure', ...expected });
  expect(parse(SESSION + message)).toEqual({ kind: 'auth_failure', ...expected });
});

test.each([
  ['allocation timeout', 'timeout'],
  ['Forceful shutdown', 'forced'],
  ['TCP connection closed by client (callback)', 'client'],
  ['TCP connection closed by peer (ipv4 callback)', 'peer'],
  ['allocation watchdog determined stale session state', 'watchdog'],
  ['superseded by newer mobility resume', 'superseded'],
  ['TLS/TCP socket buffer operation error (callback)', 'socket_error'],
  ['SSL read error', 'tls_error'],
  ['general', 'other'],
])('a close for the reason "%s" is %s', (text, reason) => {
  const closed = 'closed (2nd stage), user <> realm <r> origin <>, local 127.0.0.1:3478, remote [::1]:1, reason: ';
  expect(parse(SESSION + closed + text)).toMatchObject({ ...id, kind: 'closed', stage: 2, reason, hasUser: false });
});

test('a close of the first stage leaves the allocation to a mobile client', () => {
  const closed = `closed (1st stage), user <17:a> realm <r> origin <>, local 1.1.1.1:1, remote 1.1.1.1:2, reason: general`;
  expect(parse(SESSION + closed)).toMatchObject({ stage: 1, hasUser: true });
});

test('a session is unanswered only when nothing was sent to it and it has no user', () => {
  expect(parse(`${SESSION}usage: realm=<r>, username=<>, rp=2, rb=490, sp=0, sb=0`)).toEqual({
    ...id,
    kind: 'unanswered',
  });
  expect(parse(`${SESSION}usage: realm=<r>, username=<>, rp=2, rb=490, sp=1, sb=90`)).toBeUndefined();
  expect(parse(`${SESSION}usage: realm=<r>, username=<bob>, rp=0, rb=0, sp=0, sb=0`)).toBeUndefined();
});

test('the end of the server and of a Redis connection are seen', () => {
  expect(parse('Terminating on signal 15')).toEqual({ kind: 'terminating' });
  expect(parse('Draining then terminating on signal 10')).toEqual({ kind: 'terminating' });
  expect(parse('redisLibeventReadEvent: Redis connection broken: e=0x0x7f00')).toEqual({ kind: 'redis_broken' });
});

test.each([
  'refreshed, realm=<r>, username=<u>, lifetime=600',
  'peer usage: realm=<r>, username=<>, rp=0, rb=0, sp=0, sb=0',
])('%s says nothing that is wanted', (message) => {
  expect(parse(SESSION + message)).toBeUndefined();
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LogCounts } from '../../../src/coturn/log-counts';
import { LogReader, type LogEvent } from '../../../src/coturn/log-reader';

const FIXTURES = join(__dirname, '../../fixtures');
/** After every credential of the captures that was to be refused for its age. */
const NOW = Date.parse('2026-11-21T04:00:00Z');

function replay(fixture: string): { counts: LogCounts; events: readonly LogEvent[] } {
  const reader = new LogReader();
  const counts = new LogCounts();
  const events: LogEvent[] = [];
  for (const line of readFileSync(join(FIXTURES, fixture), 'latin1').split('\n')) {
    const event = reader.read(line, line.length + 1, NOW);
    if (!event) continue;
    events.push(event);
    counts.add(event);
  }
  return { counts, events };
}

function stunErrors(counts: LogCounts): Record<string, number> {
  const pairs = [...counts.stunErrors].flatMap(([method, codes]) =>
    [...codes].map(([code, value]): [string, number] => [`${method} ${code}`, value]),
  );
  return Object.fromEntries(pairs);
}

/**
 * Each capture holds the same scenario: 31 retries of a client with an unknown user name, one wrong and one expired REST
 * credential, two allocations over the quota of 3, one peer that is denied, and forged lines (486, 508) under a wrong
 * user name, a wrong realm and an origin. How often uclient and openssl fail a handshake differs from run to run.
 */
const EXPECTED_ERRORS = { 'other 401': 33, 'allocate 486': 2, 'channel_bind 403': 1 };

test.each([
  ['coturn-4.6.1/turnserver.log', { ...EXPECTED_ERRORS, 'other 438': 1 }, { tls: 11, dtls: 5 }],
  ['coturn-4.6.1/turnserver-new-timestamp.log', { ...EXPECTED_ERRORS, 'other 438': 1 }, { tls: 5, dtls: 10 }],
  // 4.17 answers a wrong nonce from its listener, without a record, and does not log a DTLS handshake without common cipher.
  ['coturn-4.17.1/turnserver.log', EXPECTED_ERRORS, { tls: 4, dtls: 1 }],
])('%s: every error of a user is counted once, no challenge and no forged line is', (fixture, errors, handshakes) => {
  const { counts } = replay(fixture);
  expect(stunErrors(counts)).toEqual(errors);
  expect(counts.authFailures).toEqual({ unknown: 32, incorrect: 0, expired: 1, malformed: 2 });
  expect(counts.handshakeFailures).toEqual(handshakes);
});

test.each([
  ['coturn-4.6.1/turnserver.log', 10],
  ['coturn-4.17.1/turnserver.log', 8],
])('%s: the end of each allocation is told once, that of no other session is', (fixture, ends) => {
  const deleted = replay(fixture).events.filter((event) => event.kind === 'allocation_deleted');
  expect(deleted).toHaveLength(ends);
  expect(new Set(deleted.map(({ high, low }) => `${high} ${low}`)).size).toBe(ends);
});

test('the end of an allocation that a client may have written is not believed', () => {
  const reader = new LogReader();
  const read = (line: string): string | undefined => reader.read(line, line.length + 1, NOW)?.kind;
  const end = '12: : session 001000000000000003: delete: realm=<r>, username=<17:a>';
  expect(read(end)).toBe('allocation_deleted');
  expect(read(`${end} `)).toBeUndefined();
  read('12: : ERROR: check_stun_auth: wrong username: bob');
  expect(read(end)).toBe('doubtful');
});

test('4.17 says that it terminates; the same words forged into the log of 4.6.1 are not believed', () => {
  const terminations = (fixture: string): number =>
    replay(fixture).events.filter((e) => e.kind === 'terminating').length;
  expect(terminations('coturn-4.17.1/turnserver.log')).toBe(1);
  expect(terminations('coturn-4.6.1/turnserver.log')).toBe(0);
  expect(terminations('coturn-4.6.1/turnserver-new-timestamp.log')).toBe(0);
});

describe('errors', () => {
  const SESSION = '12: : session 001000000000000003: realm <r> user <17:a>: incoming packet';
  const read = (...lines: string[]): number => {
    const reader = new LogReader();
    return lines.filter((line) => reader.read(line, line.length + 1, NOW)?.kind === 'stun_error').length;
  };

  test('a refused request and its summary are one error', () => {
    const refused = [`${SESSION} REFRESH processed, error 437: x`, `${SESSION} message processed, error 437: x`];
    expect(read(...refused)).toBe(1);
    expect(read(...refused, ...refused)).toBe(2);
  });

  test('a summary alone, or with another code or session, is an error of its own', () => {
    expect(read(`${SESSION} message processed, error 401: x`)).toBe(1);
    expect(read(`${SESSION} REFRESH processed, error 437: x`, `${SESSION} message processed, error 401: x`)).toBe(2);
    const other = SESSION.replace('000003', '000004');
    expect(read(`${SESSION} REFRESH processed, error 437: x`, `${other} message processed, error 437: x`)).toBe(2);
  });

  test('the records of one error are joined though other threads write between them', () => {
    const others = Array.from({ length: 200 }, (_, i) =>
      `${SESSION} REFRESH processed, error 437: x`.replace('000003', String(i + 1000).padStart(6, '0')),
    );
    const first = `${SESSION} CONNECT processed, error 446: x`;
    expect(read(first, ...others, `${SESSION} message processed, error 446: x`)).toBe(201);
  });
});

describe('handshakes', () => {
  const closed = (user: string, reason: string): string =>
    `12: : session 001000000000000003: closed (2nd stage), user <${user}> realm <r> origin <>, local 1.1.1.1:1, remote 1.1.1.1:2, reason: ${reason}`;
  const usage = (sent: number): string =>
    `12: : session 001000000000000003: usage: realm=<r>, username=<>, rp=1, rb=99, sp=${sent}, sb=9`;
  const read = (...lines: string[]): LogEvent | undefined => {
    const reader = new LogReader();
    return lines.map((line) => reader.read(line, line.length + 1, NOW)).at(-1);
  };

  test.each([
    ['TLS/TCP socket buffer operation error (callback)', 'tls'],
    ['SSL read error', 'dtls'],
  ])('a session that was never answered and ends with "%s" is a failed %s handshake', (reason, protocol) => {
    expect(read(usage(0), closed('', reason))).toEqual({ kind: 'handshake_failure', protocol });
  });

  test('a connection that was answered, or has a user, had its handshake', () => {
    expect(read(usage(1), closed('', 'SSL read error'))?.kind).toBe('closed');
    expect(read(usage(0), closed('17:a', 'SSL read error'))?.kind).toBe('closed');
    expect(read(usage(0), closed('', 'TCP socket buffer operation error (callback)'))?.kind).toBe('closed');
  });
});

test('a REST user name is expired from the second after the one that it names', () => {
  const line = '12: : ERROR: check_stun_auth: Cannot find credentials of user <1000:bob>';
  const reason = (now: number): LogEvent | undefined => new LogReader().read(line, line.length + 1, now);
  expect(reason(1_000_999)).toEqual({ kind: 'auth_failure', reason: 'unknown' });
  expect(reason(1_001_000)).toEqual({ kind: 'auth_failure', reason: 'expired' });
});

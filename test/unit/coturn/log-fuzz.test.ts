import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { LogReader, type LogEvent } from '../../../src/coturn/log-reader';

const FIXTURES = ['4.6.1', '4.17.1'].map((version) =>
  join(__dirname, `../../fixtures/coturn-${version}/turnserver.log`),
);
const LINES = FIXTURES.flatMap((path) => readFileSync(path, 'latin1').split('\n'));

const WORDS = new Set([
  ...['stun_error', 'auth_failure', 'handshake_failure', 'closed', 'terminating', 'redis_broken', 'doubtful'],
  'allocation_deleted',
  ...[
    'allocate',
    'refresh',
    'create_permission',
    'channel_bind',
    'connect',
    'connection_bind',
    'binding',
    'send',
    'data',
  ],
  ...['300', '400', '401', '403', '404', '405', '420', '437', '438', '440', '441', '442', '443', '446', '447'],
  ...['486', '487', '500', '508', 'other', 'unknown', 'incorrect', 'expired', 'malformed', 'tls', 'dtls'],
  ...['timeout', 'forced', 'client', 'peer', 'watchdog', 'superseded', 'socket_error', 'tls_error'],
]);

function expectBounded(event: LogEvent | undefined): void {
  for (const value of Object.values(event ?? {}) as unknown[]) {
    if (typeof value === 'number') expect(Number.isSafeInteger(value) && value >= 0 && value < 1e9).toBe(true);
    else expect(WORDS).toContain(value);
  }
}

const latin1 = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
const captured = fc.constantFrom(...LINES);
/** A captured line with a part of it replaced by another part, or by noise. */
const mutated = fc
  .record({ line: captured, other: fc.oneof(captured, latin1), at: fc.nat(300), length: fc.nat(60), from: fc.nat(300) })
  .map(
    ({ line, other, at, length, from }) => line.slice(0, at) + other.slice(from, from + 80) + line.slice(at + length),
  );

test('no line makes the reader throw, or puts a word into an event that is not in a bounded set', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(latin1, captured, mutated), { maxLength: 30 }), (lines) => {
      const reader = new LogReader();
      for (const line of lines) expectBounded(reader.read(line, line.length + 1, 0));
    }),
    { numRuns: 1000 },
  );
});

test('whatever an unauthenticated client writes as its user name, realm or origin moves nothing within its bytes', () => {
  const opening = fc.constantFrom<[string, number]>(
    ['12: : ERROR: check_stun_auth: wrong username: ', 512],
    ['12: : ERROR: check_stun_auth: wrong realm: ', 127],
    ['12: : session 001000000000000003: origin <x', 126],
  );
  fc.assert(
    fc.property(
      opening,
      fc.array(fc.oneof(captured, mutated), { minLength: 1, maxLength: 10 }),
      ([start, limit], lines) => {
        const reader = new LogReader();
        const text = start + lines.join('\n').slice(0, limit).replace(/\n$/, ' ');
        const [first = '', ...forged] = text.split('\n');
        reader.read(first, first.length + 1, 0);
        for (const line of forged) {
          expect(reader.read(line, line.length + 1, 0)).toEqual({ kind: 'doubtful' });
        }
      },
    ),
    { numRuns: 1000 },
  );
});

test('a line that was made to be slow takes no time', () => {
  const session = '12: : session 001000000000000003: ';
  const lines = [
    `${session}origin <${'> realm <'.repeat(400)}`,
    `${session}origin <${'> realm <r> user <u>: incoming packet X processed, error 401: <'.repeat(60)}`,
    `${session}closed (2nd stage), user <${'> realm <r> origin <'.repeat(200)}`,
    `${session}closed (2nd stage), user <> realm <r> origin <${'>, local a, remote b, reason: <'.repeat(120)}`,
    `${session}${' origin <'.repeat(450)}`,
  ];
  const reader = new LogReader();
  const before = process.cpuUsage();
  for (let i = 0; i < 20; i++)
    for (const line of lines) {
      reader.goOn();
      reader.read(line.slice(0, 4096), Math.min(line.length, 4096) + 1, 0);
    }
  const { user } = process.cpuUsage(before);
  expect(user / 1000 / 100).toBeLessThan(10);
});

import { doubtfulBytesAfter } from '../../../src/coturn/log-doubt';
import { LogReader, type LogEvent } from '../../../src/coturn/log-reader';

const FORGED =
  '12: : session 000000000000000003: realm <r> user <alice>: incoming packet ALLOCATE processed, error 508: no';

function read(lines: readonly string[]): readonly (LogEvent['kind'] | undefined)[] {
  const reader = new LogReader();
  return lines.map((line) => reader.read(line, line.length + 1, 0)?.kind);
}

test.each([
  ['wrong username', '12: : ERROR: check_stun_auth: wrong username: ', 512],
  ['wrong realm', '12: : ERROR: check_stun_auth: wrong realm: ', 127],
  ['wrong origin', '12: : ERROR: handle_turn_command: Wrong origin format: ', 1024],
  ['HTTP', '12: : read_client_connection: HTTP connection input: ', 1024],
  ['origin of a request', '12: : session 001000000000000003: origin <', 127],
  ['origin of a close', '12: : session 001000000000000003: closed (2nd stage), user <> realm <r> origin <', 127],
])('a line that begins within the text of a client (%s) is not read, the next one is', (_what, opening, limit) => {
  const filler = 'x'.repeat(limit - 1);
  expect(read([`${opening}bob`, FORGED])[1]).toBe('doubtful');
  expect(read([opening + filler, FORGED])[1]).toBe('stun_error');
  expect(read([opening + filler.slice(1), FORGED])[1]).toBe('doubtful');
});

test('4.17 puts a space for the newline, so that what follows a wrong user name is read', () => {
  const opening =
    '2026-11-21T03:52:07.899+0000 ERROR session 000000000000000019: check_stun_auth: wrong username: bob x';
  expect(read([opening, FORGED])).toEqual(['auth_failure', 'stun_error']);
});

test('a forged line that looks like 4.17 does not end the doubt of the record that coturn glues to it', () => {
  const opening = `12: : ERROR: handle_turn_command: Wrong origin format: ${'x'.repeat(900)}`;
  const glued = `2026-11-21T03:52:07.899+0000 INFO ${'y'.repeat(80)}13: : ERROR: check_stun_auth: wrong username: bob`;
  expect(read([opening, glued, FORGED])).toEqual([undefined, 'doubtful', 'doubtful']);
});

test('a client that repeats the opening words in its text wins no room', () => {
  const line = '12: : ERROR: check_stun_auth: wrong username: wrong username: bob';
  expect(doubtfulBytesAfter(line, line.length + 1)).toBe(512 - 'bob\n'.length);
});

test('a client whose origin imitates the end of a close has no room left for an error of its own', () => {
  const opening = '12: : session 001000000000000003: closed (2nd stage), user <> realm <r> origin <';
  const imitation = '>, local [::]:1, remote [::]:1, reason: x';
  const shortest = '0: : session 000000000000000000: realm <> user <b>: incoming packet SEND processed, error 500: ';
  expect(doubtfulBytesAfter(opening + imitation, opening.length + imitation.length + 1)).toBe(0);
  expect(imitation.length + 1 + shortest.length).toBeGreaterThan(127);
});

test('the close of a session without origin leaves no doubt: it is in every log, again and again', () => {
  const line =
    '12: : session 001000000000000003: closed (2nd stage), user <> realm <r> origin <>, local 127.0.0.1:3478, remote [::1]:1, reason: general';
  expect(doubtfulBytesAfter(line, line.length + 1)).toBe(0);
});

test('after a line of which a part was cut off, a whole record is in doubt', () => {
  expect(doubtfulBytesAfter('x'.repeat(4096), 5000)).toBe(1024);
});

test('where a record is known to begin, doubt ends', () => {
  const reader = new LogReader();
  const opening = '12: : ERROR: check_stun_auth: wrong username: bob';
  reader.read(opening, opening.length + 1, 0);
  reader.goOn();
  expect(reader.read(FORGED, FORGED.length + 1, 0)?.kind).toBe('stun_error');
});

import { pino } from 'pino';
import type { CredentialIssuer } from '../../../src/credentials/issuer';
import { restPassword } from '../../../src/turn/rest-credential';
import { testIssuer } from '../../support/issuer';

const NOW = Date.UTC(2026, 10, 21);
const SECRET = 'a-secret-of-coturn';

function issuer(config: object = {}, log = pino({ enabled: false })): CredentialIssuer {
  return testIssuer(SECRET, config, { now: () => NOW, logger: log });
}

describe('the issuer', () => {
  test('gives the draft’s fields and the same as ICE servers', () => {
    const made = issuer({ credentials: { uris: ['turn:turn.example.org:3478'] } }).issue({
      user: 'alice',
      ttlSeconds: 60,
    });
    const username = `${NOW / 1000 + 60}:alice`;
    const password = restPassword(SECRET, username);
    expect(made).toEqual({
      username,
      password,
      ttl: 60,
      uris: ['turn:turn.example.org:3478'],
      iceServers: [{ urls: ['turn:turn.example.org:3478'], username, credential: password }],
      expiresAt: '2026-11-21T00:01:00.000Z',
    });
  });

  test('makes up a user for each caller that names none: two strangers are two users', () => {
    const made = issuer();
    expect(made.issue({}).username).not.toBe(made.issue({}).username);
  });

  test('signs with the separator that sessions are read with', () => {
    expect(issuer({ sessions: { separator: '|' } }).issue({ user: 'bob' }).username).toBe(`${NOW / 1000 + 3600}|bob`);
  });

  test('refuses a longer time than the limit, and says the limit', () => {
    const { counts, ...made } = issuer({ credentials: { maxTtl: '2h' } });
    expect(() => made.issue({ ttlSeconds: 7201 })).toThrow(/ttl .*from 1 to 7200/);
    expect(made.issue({ ttlSeconds: 7200 }).ttl).toBe(7200);
    expect(counts).toMatchObject({ issued: { rest: 1 }, rejected: { ttl: 1, user: 0 } });
  });

  test.each([0, -1, 1.5, Number.NaN, Infinity])('refuses a ttl of %d', (ttlSeconds) => {
    expect(() => issuer().issue({ ttlSeconds })).toThrow(/whole number of seconds/);
  });

  test('names both mistakes at once and counts both', () => {
    const { counts, ...made } = issuer();
    expect(() => made.issue({ user: 'a b', ttlSeconds: 0 })).toThrow(/user must be printable.*; ttl must be/);
    expect(counts.rejected).toMatchObject({ user: 1, ttl: 1 });
    expect(counts.issued.rest).toBe(0);
  });

  test('logs whose credential it was, and neither the password nor the secret', () => {
    const lines: string[] = [];
    const log = pino({}, { write: (line: string) => lines.push(line) });
    const made = issuer({}, log).issue({ user: 'alice', label: 'room-7' });
    const text = lines.join('');
    expect(text).toContain('"user":"alice"');
    expect(text).toContain('room-7');
    expect(text).not.toContain(made.password);
    expect(text).not.toContain(SECRET);
  });
});

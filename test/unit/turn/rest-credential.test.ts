import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import {
  MAX_USER_BYTES,
  parseRestUsername,
  restCredential,
  restPassword,
  userMistake,
} from '../../../src/turn/rest-credential';

const NOW = Date.UTC(2026, 10, 21);
const anyUser = fc
  .string({
    minLength: 1,
    maxLength: MAX_USER_BYTES,
    unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
  })
  .filter((user) => userMistake(user) === undefined);
const anyTtl = fc.integer({ min: 1, max: 86_400 * 365 });

describe('REST credentials', () => {
  test('are what openssl makes of the same secret and user name', () => {
    // printf %s 1795219200:alice | openssl dgst -sha1 -hmac north-secret -binary | base64
    expect(restPassword('north-secret', '1795219200:alice')).toBe('zi/ExdyF64bmDwl16ajMCimp+1Y=');
  });

  test('end after the ttl, in whole seconds, and say so in the user name', () => {
    expect(restCredential('secret', 'alice', 60, NOW + 999)).toMatchObject({
      username: `${NOW / 1000 + 60}:alice`,
      expiresAt: NOW / 1000 + 60,
    });
  });

  test('come back from their user name whatever the user holds, and are signed over all of it', () => {
    fc.assert(
      fc.property(anyUser, anyTtl, fc.constantFrom(':', '|', ';'), (user, ttl, separator) => {
        const made = restCredential('secret', user, ttl, NOW, separator);
        expect(parseRestUsername(made.username, separator)).toEqual({ expiresAt: made.expiresAt, user });
        expect(made.password).toBe(createHmac('sha1', 'secret').update(made.username).digest('base64'));
      }),
    );
  });

  test('fit into a STUN USERNAME, fewer than 509 bytes (RFC 8489 section 14.3), for every user that is let through', () => {
    fc.assert(
      fc.property(anyUser, anyTtl, (user, ttl) => {
        expect(Buffer.byteLength(restCredential('secret', user, ttl, NOW).username)).toBeLessThan(509);
      }),
    );
  });

  test.each(['alice', 'alice:1', ':1', '12345', '', '12a:bob', '1234567890123456:x'])(
    '%j is no user name of ours',
    (name) => {
      expect(parseRestUsername(name)).toBeUndefined();
    },
  );

  test.each(['a', 'a/b:c', 'bob@example.org', '{"id":1}'.replaceAll('"', ''), '-v', 'x'.repeat(MAX_USER_BYTES)])(
    'the user %j is let through',
    (user) => {
      expect(userMistake(user)).toBeUndefined();
    },
  );

  test.each([
    ['', /empty/],
    ['a b', /spaces/],
    ['a\nb', /printable/],
    ['a\u0000b', /printable/],
    ['jörg', /ASCII/],
    ["a'b", /quote/],
    ['a"b', /quote/],
    ['a\\b', /backslash/],
    ['re-union-selected', /SQL/],
    ['x'.repeat(MAX_USER_BYTES + 1), /longer than 289/],
  ])('the user %j is refused with the reason', (user, reason) => {
    expect(userMistake(user)).toMatch(reason);
  });
});

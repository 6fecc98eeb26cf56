import { CredentialLinks, credentialId } from '../../../src/tracing/credential-links';

const origin = (digit: string) => ({
  span: { traceId: digit.repeat(32), spanId: digit.repeat(16), isSampled: true },
  caller: undefined,
});

test('the request that a credential was issued to is known until it expires', () => {
  const links = new CredentialLinks();
  links.remember('60:alice', origin('a'), 60_000, 0);
  expect(links.find('60:alice')).toMatchObject(origin('a'));
  expect(links.find('60:bob')).toBeUndefined();
  links.remember('90:bob', origin('b'), 90_000, 60_000);
  expect(links.find('60:alice')).toBeUndefined();
});

test('a user name that is issued again is that of the later request', () => {
  const links = new CredentialLinks();
  links.remember('60:alice', origin('a'), 60_000, 0);
  links.remember('60:alice', origin('b'), 60_000, 1);
  expect(links.find('60:alice')).toMatchObject(origin('b'));
  expect(links.size).toBe(1);
});

test('of too many the oldest is forgotten', () => {
  const links = new CredentialLinks(3);
  for (const name of ['1', '2', '3', '4', '5']) links.remember(name, origin('a'), 60_000, 0);
  expect(links.size).toBe(3);
  expect(links.find('2')).toBeUndefined();
  expect(links.find('5')).toBeDefined();
});

test('the id of a credential is the same everywhere, and does not show the user name', () => {
  expect(credentialId('1795238008:alice')).toBe(credentialId('1795238008:alice'));
  expect(credentialId('1795238008:alice')).toMatch(/^[0-9a-f]{16}$/);
  expect(credentialId('1795238008:alice')).not.toBe(credentialId('1795238009:alice'));
});

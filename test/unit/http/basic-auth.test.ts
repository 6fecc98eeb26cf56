import { parseBasicAuthorization } from '../../../src/http/basic-auth/header';
import { MAX_WAITING, MAX_WAITING_PER_ADDRESS, PasswordVerifier } from '../../../src/http/basic-auth/password-verifier';

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

describe('an Authorization header', () => {
  test('gives the user up to the first colon and the password with all the rest', () => {
    expect(parseBasicAuthorization(basic('ann:a:b'))).toEqual({ user: 'ann', password: 'a:b' });
    expect(parseBasicAuthorization(basic('ann:grün'))).toEqual({ user: 'ann', password: 'grün' });
    expect(parseBasicAuthorization(basic(':'))).toEqual({ user: '', password: '' });
    expect(parseBasicAuthorization(basic('a:b').replace('Basic', 'bAsIC'))).toEqual({ user: 'a', password: 'b' });
  });

  test.each([undefined, '', 'Basic', 'Basic ', 'Bearer YTpi', basic('no colon'), 'Basic !!!', `${basic('a:b')},x`])(
    '%j is none',
    (header) => {
      expect(parseBasicAuthorization(header)).toBeUndefined();
    },
  );
});

describe('passwords', () => {
  const users = new Map([
    ['ann', 'hash of right'],
    ['bob', 'hash of other'],
  ]);
  /** Stands in for bcrypt, which an integration test runs; counts how often it was asked. */
  const comparisons = { count: 0 };
  const verifier = (): PasswordVerifier =>
    new PasswordVerifier((password, hash) => {
      comparisons.count++;
      return Promise.resolve(hash === `hash of ${password}`);
    });

  beforeEach(() => {
    comparisons.count = 0;
  });

  test('are computed once when right, and each time when wrong', async () => {
    const passwords = verifier();
    for (let i = 0; i < 3; i++)
      expect(await passwords.verify(users, { user: 'ann', password: 'right' }, '::1')).toBe(true);
    expect(comparisons.count).toBe(1);
    for (let i = 0; i < 3; i++)
      expect(await passwords.verify(users, { user: 'ann', password: 'wrong' }, '::1')).toBe(false);
    expect(comparisons.count).toBe(4);
  });

  test('of an unknown user cost a comparison too, and are never right', async () => {
    const passwords = verifier();
    expect(await passwords.verify(users, { user: 'eve', password: 'right' }, '::1')).toBe(false);
    expect(await passwords.verify(users, { user: 'eve', password: 'right' }, '::1')).toBe(false);
    expect(comparisons.count).toBe(2);
  });

  test('that were right are computed again after the hash changed', async () => {
    const passwords = verifier();
    await passwords.verify(users, { user: 'ann', password: 'right' }, '::1');
    const changed = new Map([['ann', 'hash of new']]);
    expect(await passwords.verify(changed, { user: 'ann', password: 'right' }, '::1')).toBe(false);
  });

  test('of one user do not open another', async () => {
    const passwords = verifier();
    await passwords.verify(users, { user: 'ann', password: 'right' }, '::1');
    expect(await passwords.verify(users, { user: 'bob', password: 'right' }, '::1')).toBe(false);
  });

  test('that come together share one comparison', async () => {
    const passwords = verifier();
    const all = Array.from({ length: 20 }, () => passwords.verify(users, { user: 'ann', password: 'right' }, '::1'));
    expect(await Promise.all(all)).not.toContain(false);
    expect(comparisons.count).toBe(1);
  });

  test('beyond what may wait are refused, an address’s first and then everybody’s', async () => {
    const passwords = new PasswordVerifier(() => new Promise<boolean>(() => undefined));
    const guess = (number: number, from: string): Promise<boolean> =>
      passwords.verify(users, { user: 'ann', password: `guess ${number}` }, from);
    for (let i = 0; i < MAX_WAITING_PER_ADDRESS; i++) void guess(i, '10.0.0.1');
    await expect(guess(99, '10.0.0.1')).rejects.toMatchObject({ code: 'too_many' });
    for (let i = MAX_WAITING_PER_ADDRESS; i < MAX_WAITING; i++) void guess(i, `10.0.1.${i}`);
    await expect(guess(99, '10.0.0.2')).rejects.toMatchObject({ code: 'too_many' });
  });
});

import type { Request } from 'express';
import { z } from 'zod';
import { cursor, name, readQuery, wholeNumber, wordList } from '../../../src/http/query';

const schema = z.strictObject({
  user: name.optional(),
  after: cursor.optional(),
  limit: wholeNumber(1000).optional(),
  by: wordList(['user', 'day']).optional(),
});

const read = (query: Readonly<Record<string, unknown>>): unknown => readQuery(schema, { query } as unknown as Request);

function mistakeOf(query: Readonly<Record<string, unknown>>): unknown {
  try {
    return ['read as', read(query)];
  } catch (error) {
    expect(error).toMatchObject({ name: 'UserError', code: 'bad_request' });
    return (error as Error).message;
  }
}

describe('readQuery', () => {
  test('gives what each parameter means', () => {
    expect(read({ user: 'a b', after: 'x', limit: '0100', by: 'day,user' })).toEqual({
      user: 'a b',
      after: 'x',
      limit: 100,
      by: ['day', 'user'],
    });
    expect(read({})).toEqual({});
  });

  test('takes the empty name: coturn may have no realm and no user', () => {
    expect(read({ user: '' })).toEqual({ user: '' });
  });

  test.each(['0', '1001', '-1', '1.5', '1e2', '0x10', ' 1', '', '9'.repeat(400), '١'])(
    'refuses the limit %j',
    (limit) => {
      expect(mistakeOf({ limit })).toBe('limit: expected a whole number from 1 to 1000.');
    },
  );

  test.each(['', 'users', 'user,', 'user,user', 'user, day', 'User', 'user,day,user', ','.repeat(5000)])(
    'refuses the list %j, and says what it may hold',
    (by) => {
      expect(mistakeOf({ by })).toMatch(
        /^by(\[\d\])?: expected one or more of user, day, each once, with commas between\.$/,
      );
    },
  );

  test.each([
    [{ user: ['a', 'b'] }, 'user: must be given once.'],
    [{ limit: ['1', '2'] }, 'limit: must be given once.'],
    [{ by: ['user', 'day'] }, 'by: must be given once.'],
    [{ user: 'a\0b' }, 'user: must not hold a NUL character.'],
    [{ usr: 'a' }, 'unknown parameter usr.'],
    [{ a: '', b: '', c: '', d: '' }, 'unknown parameter a, b, c, ….'],
  ])('says of %j what is wrong', (query, message) => {
    expect(mistakeOf(query)).toBe(message);
  });

  test('names every mistake at once', () => {
    const message = String(mistakeOf({ limit: 'many', by: 'x', unknown: '' }));
    for (const part of ['limit: ', 'by[0]: ', 'unknown parameter unknown']) expect(message).toContain(part);
  });

  test('never answers with a long text of the caller’s', () => {
    const long = 'x'.repeat(10_000);
    const queries = [{ [long]: '' }, { user: long }, { after: long }, { limit: long }, { by: long }];
    for (const query of queries) expect(String(mistakeOf(query)).length).toBeLessThan(200);
  });

  test.each(['__proto__', 'constructor', 'toString'])('knows no parameter %s', (parameter) => {
    // Without a prototype, as Express' query parser gives it.
    const query = Object.create(null) as Record<string, unknown>;
    query[parameter] = 'x';
    expect(mistakeOf(query)).toBe(`unknown parameter ${parameter}.`);
  });
});

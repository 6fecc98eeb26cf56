import fc from 'fast-check';
import { cursorAt, placeOf } from '../../../src/http/cursor';

const REFUSED = expect.objectContaining({
  code: 'bad_request',
  message: expect.stringContaining('after:') as string,
}) as object;

function placeOrError(list: 'sessions' | 'usage', cursor: string): unknown {
  try {
    return placeOf(list, cursor);
  } catch (error) {
    return error;
  }
}

describe('a cursor', () => {
  test.each([0, 1, 1234, Number.MAX_SAFE_INTEGER])('gives its place back: %d', (place) => {
    const cursor = cursorAt('usage', place);
    expect(cursor).toMatch(/^[\w-]+$/);
    expect(placeOf('usage', cursor)).toBe(place);
  });

  test('of one list is none of another', () => {
    expect(placeOrError('sessions', cursorAt('usage', 5))).toEqual(REFUSED);
    expect(placeOrError('usage', cursorAt('sessions', 5))).toEqual(REFUSED);
  });

  test.each([
    ['nothing', ''],
    ['no base64', '!!!'],
    ['a bare number', '5'],
    ['text around it', Buffer.from(' usage:5 ').toString('base64url')],
    ['a place below zero', Buffer.from('usage:-5').toString('base64url')],
    ['no place', Buffer.from('usage:').toString('base64url')],
    ['a place in another notation', Buffer.from('usage:1e3').toString('base64url')],
    ['leading zeros', Buffer.from('usage:007').toString('base64url')],
    ['a place beyond what numbers hold', Buffer.from(`usage:${2 ** 53}`).toString('base64url')],
    ['padding', `${Buffer.from('usage:1').toString('base64url')}==`],
    ['a letter that base64 passes over', `${cursorAt('usage', 5)}*`],
  ])('that was not given here (%s) is refused', (_what, cursor) => {
    expect(placeOrError('usage', cursor)).toEqual(REFUSED);
  });

  test('is refused, or is the only one for its place, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String(), fc.nat().map(String)), (cursor) => {
        const place = placeOrError('usage', cursor);
        if (typeof place === 'number') expect(cursorAt('usage', place)).toBe(cursor);
        else expect(place).toEqual(REFUSED);
      }),
    );
  });
});

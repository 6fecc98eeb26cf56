import { UserError } from '../lib/errors';

/** Which list a cursor goes on in: one of another list is refused, not misread. */
type List = 'sessions' | 'usage';

/** A place in a list as a text that callers give back and never read. */
export function cursorAt(list: List, place: number): string {
  return Buffer.from(`${list}:${place}`).toString('base64url');
}

/** Throws `bad_request` for what `cursorAt` did not give for this list. */
export function placeOf(list: List, cursor: string): number {
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  const place = Number(/^\w+:(\d{1,16})$/.exec(text)?.[1] ?? NaN);
  if (Number.isSafeInteger(place) && cursor === cursorAt(list, place)) return place;
  throw new UserError('bad_request', 'after: expected the `next` of the page before, unchanged.');
}

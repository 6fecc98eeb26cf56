/** Something that coturn accepts: a secret, or a user. Times are milliseconds since the epoch. */
export interface RingEntry<T> {
  readonly value: T;
  readonly madeAt: number;
}

/** One that is used no more, and accepted until then. */
export interface OldEntry<T> extends RingEntry<T> {
  readonly until: number;
}

/**
 * What credentials are made with, as it is kept: it says what has to be in coturn's user database. `next` is there
 * while a rotation is under way.
 */
export interface Ring<T> {
  readonly current: RingEntry<T>;
  readonly next?: RingEntry<T> | undefined;
  readonly old: readonly OldEntry<T>[];
}

/** The first step of a rotation; one that is under way goes on. */
export function withNext<T>(ring: Ring<T>, value: () => T, now: number): Ring<T> & { readonly next: RingEntry<T> } {
  return { ...ring, next: ring.next ?? { value: value(), madeAt: now } };
}

/** The last step: the next one is in the database. What was current is accepted until then. */
export function promoted<T>({ current, next, old }: Ring<T>, until: number): Ring<T> {
  return next ? { current: next, old: [...old, { ...current, until }] } : { current, old };
}

/** Those whose time has passed. */
export function expired<T>({ old }: Ring<T>, now: number): readonly OldEntry<T>[] {
  return old.filter(({ until }) => until <= now);
}

export function without<T>(ring: Ring<T>, gone: readonly OldEntry<T>[]): Ring<T> {
  return { ...ring, old: ring.old.filter((entry) => !gone.includes(entry)) };
}

/** What coturn has to accept now. */
export function accepted<T>({ current, next, old }: Ring<T>, now: number): readonly T[] {
  const still = old.filter(({ until }) => until > now);
  return [current, ...(next ? [next] : []), ...still].map(({ value }) => value);
}

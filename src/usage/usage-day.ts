const HOUR_MS = 3_600_000;
/** No zone has changed its offset twice within six days since 1970: Brazil's in October 2000 after 167 hours (see the test). */
const STEP_MS = 6 * 24 * HOUR_MS;

/** From then on a zone's clocks are so far ahead of UTC, milliseconds. */
export interface OffsetFrom {
  readonly from: number;
  readonly offset: number;
}

/** Whether there is such an IANA time zone. Offsets such as `+05:30` are none: PostgreSQL takes them the other way round. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en-CA', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** The first moment of a calendar day, `2026-11-21`, in a time zone; milliseconds since the epoch. */
export function startOfDay(name: string, timeZone: string): number {
  const offsetAt = offsetsOf(timeZone);
  const nameAt = (at: number): string => new Date(at + offsetAt(at)).toISOString().slice(0, 10);
  // No zone is further than 15 hours from UTC.
  const noon = Date.parse(`${name}T12:00:00Z`);
  return firstWhere((at) => nameAt(at) >= name, noon - 36 * HOUR_MS, noon + 36 * HOUR_MS);
}

/** The offsets of a time zone from `first` to `last`, milliseconds since the epoch, in the order of time. */
export function offsetsBetween(first: number, last: number, timeZone: string): OffsetFrom[] {
  const offsetAt = offsetsOf(timeZone);
  const offsets = [{ from: first, offset: offsetAt(first) }];
  for (let at = first, before = offsetAt(first); at < last; at += STEP_MS) {
    const offset = offsetAt(at + STEP_MS);
    if (offset !== before)
      offsets.push({
        from: firstWhere((t) => offsetAt(t) === offset, at, at + STEP_MS),
        offset,
      });
    before = offset;
  }
  return offsets;
}

/** The first moment after `before` where it holds; it holds at `within`, and from its first on. */
function firstWhere(holds: (at: number) => boolean, before: number, within: number): number {
  while (within - before > 1) {
    const middle = Math.floor((before + within) / 2);
    if (holds(middle)) within = middle;
    else before = middle;
  }
  return within;
}

function offsetsOf(timeZone: string): (at: number) => number {
  const two = '2-digit';
  const time = {
    hourCycle: 'h23',
    hour: two,
    minute: two,
    second: two,
  } as const;
  // Swedish writes `2026-11-21 05:45:00`.
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    year: 'numeric',
    month: two,
    day: two,
    ...time,
  });
  return (at) => Date.parse(`${format.format(at).replace(' ', 'T')}Z`) - Math.floor(at / 1000) * 1000;
}

/** A day of a time zone: its first moment, that of the next day, and what it is called. */
export interface Day {
  readonly start: number;
  readonly end: number;
  /** `2026-11-21` */
  readonly name: string;
}

const HOUR_MS = 3_600_000;
const MAX_DAYS = 40_000;

/** Whether there is such an IANA time zone. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-CA', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** The first moment of a calendar day, `2026-11-21`, in a time zone; milliseconds since the epoch. */
export function startOfDay(name: string, timeZone: string): number {
  const nameAt = namer(timeZone);
  // No zone is further than 15 hours from UTC; days begin on whole minutes, mostly on whole hours.
  const noon = Date.parse(`${name}T12:00:00Z`);
  let [before, within] = [noon - 36 * HOUR_MS, noon + 36 * HOUR_MS];
  while (within - before > 1) {
    const middle = Math.floor((before + within) / 2);
    if (nameAt(middle) < name) before = middle;
    else within = middle;
  }
  return within;
}

/** The days of a time zone from the one that holds `first` to the one that holds `last`, without those that it skipped. */
export function daysBetween(first: number, last: number, timeZone: string): Day[] {
  const nameAt = namer(timeZone);
  const days: Day[] = [];
  for (let start = startOfDay(nameAt(first), timeZone); start <= last && days.length < MAX_DAYS;) {
    // A day has 22 to 26 hours: 30 hours on it is the next one.
    const end = startOfDay(nameAt(start + 30 * HOUR_MS), timeZone);
    days.push({ start, end, name: nameAt(start) });
    start = end;
  }
  return days;
}

function namer(timeZone: string): (at: number) => string {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  return (at) => format.format(at);
}

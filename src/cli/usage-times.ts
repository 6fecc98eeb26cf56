import { InvalidArgumentError } from 'commander';
import { UserError } from '../lib/errors';

const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const;
const DATE = /^\d{4}-\d\d-\d\d$/;
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/;
const EXPECTED = 'expected 24h, 7d, today, yesterday, 2026-11-21 or 2026-11-21T08:00:00Z.';

/**
 * A point in time as the API reads it: a date, which begins at midnight of `timeZone` there, or a date and time. `24h`
 * is so long before `now` (milliseconds since the epoch). Throws UserError `bad_config`,
 * which names the flag.
 */
export function usageTime(flag: string, text: string, now: number, timeZone: string): string {
  if (text === 'today') return dateAt(now, timeZone);
  if (text === 'yesterday') return dayBefore(dateAt(now, timeZone));
  const ago = /^(\d{1,6})([smhdw])$/.exec(text);
  if (ago) return new Date(now - Number(ago[1]) * SECONDS[ago[2] as keyof typeof SECONDS] * 1000).toISOString();
  if ((DATE.test(text) || DATE_TIME.test(text)) && !Number.isNaN(Date.parse(text))) return text;
  throw new UserError('bad_config', `${flag}: ${EXPECTED}`);
}

/** Throws InvalidArgumentError for what is no IANA time zone. */
export function timeZoneName(text: string): string {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return text;
  } catch {
    throw new InvalidArgumentError('Expected an IANA time zone such as Europe/Berlin, or UTC.');
  }
}

/** Sweden writes dates as ISO 8601 does. */
function dateAt(time: number, timeZone: string): string {
  return new Date(time).toLocaleDateString('sv-SE', { timeZone });
}

function dayBefore(date: string): string {
  return new Date(Date.parse(date) - SECONDS.d * 1000).toISOString().slice(0, 10);
}

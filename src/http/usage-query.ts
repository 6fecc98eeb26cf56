import type { z } from 'zod';
import { UserError } from '../lib/errors';
import { startOfDay } from '../usage/usage-day';
import type { RecordsQuery, SumsQuery } from '../usage/usage-store';
import { placeOf } from './cursor';
import { DEFAULT_JSON_RECORDS, MAX_JSON_RECORDS, type UsageFormat, type usageQuery } from './usage-schema';

/** What is asked of the store. */
export type UsageQuestion =
  { readonly kind: 'records'; readonly query: RecordsQuery } | { readonly kind: 'sums'; readonly query: SumsQuery };

const DATE = /^(?:19[7-9]\d|[2-9]\d{3})-\d\d-\d\d$/;
const TIME = /^\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/;

/** Throws `bad_request` where the parameters, each right by itself, do not go together. */
export function usageQuestion(given: z.output<typeof usageQuery>, format: UsageFormat): UsageQuestion {
  const { user, realm, server, abnormal, groupBy, timeZone, after, limit } = given;
  const from = given.from === undefined ? undefined : momentOf('from', given.from, timeZone);
  const to = given.to === undefined ? undefined : momentOf('to', given.to, timeZone);
  if (from !== undefined && to !== undefined && from > to) throw refusal('from: must not be after to');
  const filter = { from, to, user, realm, server, abnormal };
  if (groupBy === undefined) {
    const place = after === undefined ? undefined : placeOf('usage', after);
    return { kind: 'records', query: { ...filter, after: place, limit: limitOf(limit, format) } };
  }
  if (limit !== undefined) throw refusal('limit: does not go with groupBy, sums come whole');
  if (after !== undefined) throw refusal('after: does not go with groupBy, sums come whole');
  return { kind: 'sums', query: { ...filter, groupBy, timeZone } };
}

function limitOf(limit: number | undefined, format: UsageFormat): number | undefined {
  if (format !== 'json') return limit;
  if (limit === undefined || limit <= MAX_JSON_RECORDS) return limit ?? DEFAULT_JSON_RECORDS;
  throw refusal(`limit: must be at most ${MAX_JSON_RECORDS} as JSON, ask for ndjson or csv`);
}

/** JavaScript takes the 30th of February for the 2nd of March. */
function isCalendarDay(date: string): boolean {
  const midnight = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(date);
}

/** Milliseconds since the epoch. */
function momentOf(parameter: string, text: string, timeZone: string): number {
  const [date = '', time] = text.split('T', 2);
  const isDay = DATE.test(date) && isCalendarDay(date);
  if (isDay && time === undefined && text === date) return startOfDay(date, timeZone);
  // A + that was not escaped arrives as a space.
  const clock = time?.replace(' ', '+') ?? '';
  const moment = isDay && TIME.test(clock) ? Date.parse(`${date}T${clock}`) : NaN;
  if (!Number.isNaN(moment)) return moment;
  throw refusal(`${parameter}: expected 2026-11-21, 2026-11-21T08:00:00Z or 2026-11-21T08:00:00+01:00, from 1970 on`);
}

function refusal(mistake: string): UserError {
  return new UserError('bad_request', `${mistake}.`);
}

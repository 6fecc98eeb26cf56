import { z } from 'zod';
import { duration } from './units';

/** So many in so many seconds. */
export interface Limit {
  readonly count: number;
  readonly seconds: number;
}

const EXPECTED_LIMIT = 'expected a count and a time such as 30/1m or 1000/1h, or unlimited';
const MAX_COUNT = 1_000_000;
/** A limit is forgotten by a timer (`waitingTime`); one of less than a second would limit next to nothing. */
const SECONDS = { min: 1, max: 86_400 };

/** `30/1m`: 30 in a minute, counted from the first; or `unlimited`. */
export const limit = z.string(EXPECTED_LIMIT).transform((text, context): Limit | 'unlimited' => {
  if (text === 'unlimited') return text;
  const parsed = parseLimit(text);
  if (parsed === undefined) return refuse(context, EXPECTED_LIMIT);
  const { count, seconds } = parsed;
  if (count < 1 || count > MAX_COUNT) return refuse(context, `the count must be from 1 to ${MAX_COUNT}`);
  if (seconds < SECONDS.min || seconds > SECONDS.max) return refuse(context, 'the time must be from 1s to 1d');
  return parsed;
});

/** The text that `limit` reads. */
export function formatLimit({ count, seconds }: Limit): string {
  return `${count}/${seconds}s`;
}

export function isLimit(value: unknown): value is Limit {
  return typeof value === 'object' && value !== null && 'count' in value && 'seconds' in value;
}

function parseLimit(text: string): Limit | undefined {
  const match = /^(\d{1,15})\/(\S{1,20})$/.exec(text);
  const seconds = duration.safeParse(match?.[2]);
  return match && seconds.success ? { count: Number(match[1]), seconds: seconds.data } : undefined;
}

function refuse(context: z.RefinementCtx, message: string): never {
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
}

import { z } from 'zod';
import { CLOSE_REASONS, SETTLED } from '../turn/fact';
import { isTimeZone } from '../usage/usage-day';
import { GROUP_KEYS } from '../usage/usage-store';
import { count, seconds, time, traffic } from './answer-schema';
import { cursor, flag, name, wholeNumber, wordList } from './query';
import { sessionOwner, sessionTransports } from './sessions-schema';

const USAGE_FORMATS = ['json', 'ndjson', 'csv'] as const;
export type UsageFormat = (typeof USAGE_FORMATS)[number];

/** JSON is for pages; who wants all asks for lines. */
export const DEFAULT_JSON_RECORDS = 1000;
export const MAX_JSON_RECORDS = 10_000;
const MAX_RECORDS = 10 ** 9;

const MOMENT = 'a date (its midnight in timeZone) or an ISO 8601 date-time with its zone';

export const usageQuery = z.strictObject({
  from: z.string().optional().describe(`the first moment that counts: ${MOMENT}`),
  to: z.string().optional().describe(`the first moment that does not count any more: ${MOMENT}`),
  user: name.optional().describe('with the label where one rides in it, as `userId` has it: `alice#room-7`'),
  realm: name.optional(),
  server: name.optional(),
  abnormal: flag
    .optional()
    .describe(
      'only sessions that ended abnormally: lost, superseded, stale, forced, or sent to a peer and never answered',
    ),
  groupBy: wordList(GROUP_KEYS).optional().describe('sums by these keys, in their order, instead of records'),
  timeZone: z
    .string()
    .max(64)
    .refine(isTimeZone, 'expected an IANA time zone such as Europe/Berlin')
    .default('UTC')
    .describe('of dates and of the key `day`'),
  after: cursor.optional(),
  limit: wholeNumber(MAX_RECORDS)
    .optional()
    .describe(`of records; as JSON ${DEFAULT_JSON_RECORDS} by default, ${MAX_JSON_RECORDS} at most; otherwise all`),
  format: z
    .enum(USAGE_FORMATS)
    .optional()
    .describe("overrides `Accept`; CSV has `'` before what a spreadsheet would run"),
});

const recordObject = z.object({
  ...sessionOwner,
  startedAt: time,
  endedAt: time,
  durationSeconds: seconds,
  allocations: count,
  relayed: z.boolean().describe('whether any peer traffic passed'),
  ...traffic,
  transports: sessionTransports,
  endReason: z.enum(CLOSE_REASONS),
  settled: z.enum(SETTLED).describe('how sure the counts are'),
});

/** The columns of a table of records. */
export const RECORD_FIELDS = recordObject.keyof().options;

export const recordAnswer = recordObject.readonly().meta({ id: 'UsageRecord' });
export type RecordAnswer = z.output<typeof recordAnswer>;

const sums = z.object({
  sessions: count,
  relayedSessions: count.describe('those with any peer traffic'),
  allocations: count,
  durationSeconds: seconds,
  ...traffic,
});

/** The columns of a table of sums, after the keys. */
export const SUM_FIELDS = sums.keyof().options;

const keys = z.object({
  user: z.string(),
  label: z.string(),
  realm: z.string(),
  server: z.string(),
  day: z.iso.date(),
});

const sumAnswer = z
  .object({ ...keys.partial().shape, ...sums.shape })
  .meta({ id: 'UsageSum', description: 'Of the keys, only those that were grouped by are there.' });

export const recordsAnswer = z.object({
  records: z.array(recordAnswer),
  next: z.string().optional().describe('`after` of the next page; not there on the last'),
});

export const sumsAnswer = z.object({ sums: z.array(sumAnswer) });

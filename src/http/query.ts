import type { Request } from 'express';
import { z } from 'zod';
import { explain } from '../config/explain';
import { UserError } from '../lib/errors';
import { describeIssues } from '../config/issues';

/** Beyond any name that coturn knows (4.6.1: STUN_MAX_USERNAME_SIZE is 513). */
const MAX_NAME = 1024;
const MAX_NAMED = 3;
const MAX_SHOWN = 40;

/** A user, realm or server to look for. Empty is a name too: coturn may have no realm, and no authentication. */
export const name = z
  .string()
  .max(MAX_NAME)
  // PostgreSQL takes no NUL in a text.
  .refine((text) => !text.includes('\0'), 'must not hold a NUL character');

export const cursor = z.string().min(1).max(100).describe('the `next` of the page before');

export function wholeNumber(max: number) {
  const expected = `expected a whole number from 1 to ${max}`;
  return z
    .string()
    .regex(/^\d{1,10}$/, expected)
    .transform(Number)
    .pipe(z.int().min(1, expected).max(max, expected));
}

/** `true` or `false`. */
export const flag = z
  .enum(['true', 'false'], 'expected true or false')
  .transform((text) => text === 'true')
  .pipe(z.boolean());

/** `a,b`: one or more of the words, each once. */
export function wordList<const T extends readonly string[]>(words: T) {
  const expected = `expected one or more of ${words.join(', ')}, each once, with commas between`;
  return z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(words, expected), expected).max(words.length, expected))
    .refine((list) => new Set(list).size === list.length, expected);
}

/** The parameters of a request. Throws a `bad_request` that names every mistake. */
export function readQuery<T extends z.ZodType>(schema: T, { query }: Request): z.output<T> {
  const parsed = schema.safeParse(query, { error: explainParameter });
  if (parsed.success) return parsed.data;
  throw new UserError('bad_request', `${[...new Set(describeIssues(parsed.error))].join('; ')}.`);
}

function explainParameter(issue: z.core.$ZodRawIssue): string {
  if (issue.code === 'unrecognized_keys') return `unknown parameter ${shownNames(issue.keys)}`;
  // `?a=1&a=2` is a list for Express' query parser.
  if (issue.code === 'invalid_type' && Array.isArray(issue.input)) return 'must be given once';
  return explain(issue);
}

/** They are the caller's, of any length. */
function shownNames(names: readonly string[]): string {
  const shown = names
    .slice(0, MAX_NAMED)
    .map((text) => (text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text));
  return `${shown.join(', ')}${names.length > MAX_NAMED ? ', …' : ''}`;
}

import { z } from 'zod';

/** Fingerprints of users (43 characters of base64url), and until when they are blocked, milliseconds since the epoch. */
export type Blocks = ReadonlyMap<string, number>;

/** The last millisecond of the year 9999: what a Date can be made of, and an ISO 8601 time says. */
const LATEST = 253_402_300_799_999;
/** All shards together hold fewer than an agent takes (100,000), and one a tenth of what a node may (1 MB, jute.maxbuffer). */
export const MAX_ENTRIES = 1500;
/** An entry is 43 characters, a time of at most 15 digits, and 4 around them. */
const MAX_BYTES = 62 * MAX_ENTRIES + 2;

const fingerprint = z.string().regex(/^[\w-]{43}$/);
const schema = z
  .record(fingerprint, z.int().min(0).max(LATEST))
  .refine((record) => Object.keys(record).length <= MAX_ENTRIES);

/** The first character of the fingerprint: one of 64, as evenly spread as the fingerprints are. */
export function shardOf(user: string): string {
  return user.slice(0, 1);
}

export function encodeBlocks(blocks: Blocks): Buffer {
  return Buffer.from(JSON.stringify(Object.fromEntries(blocks)));
}

/** undefined for what is no shard of this name: anything else than users of it, or too many. */
export function decodeBlocks(shard: string, data: Buffer): Blocks | undefined {
  if (data.length > MAX_BYTES) return undefined;
  const parsed = schema.safeParse(parseJson(data.toString())).data;
  const entries = Object.entries(parsed ?? {});
  return parsed && entries.every(([user]) => shardOf(user) === shard) ? new Map(entries) : undefined;
}

/** Of both, each until the later of its times, but for those who are not blocked any more. */
export function union(some: Blocks, others: Blocks, now: number): Blocks {
  const both = new Map(some);
  for (const [user, until] of others) both.set(user, Math.max(until, both.get(user) ?? 0));
  return new Map([...both].filter(([, until]) => until > now));
}

/** Those of `some` that `others` have not, or not for as long. */
export function beyond(some: Blocks, others: Blocks): Blocks {
  return new Map([...some].filter(([user, until]) => until > (others.get(user) ?? 0)));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

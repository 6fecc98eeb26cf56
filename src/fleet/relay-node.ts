import { z } from 'zod';

/** A larger node is not one of ours, and is not read. */
const MAX_BYTES = 32_768;

const MAX_REGIONS = 64;
const MAX_RESERVED = 256;

const label = z.string().regex(/^[^\p{C}]{1,64}$/u);
/** The first registries wrote `"812.3"` as well as `812.3`. */
const megabits = z
  .union([z.number(), z.string().regex(/^\d{1,9}(\.\d{1,9})?$/)])
  .transform(Number)
  .pipe(z.number().min(0).max(1e9));

/** What others wrote is checked and bounded. Only the first two keys are in every registry that there is. */
const schema = z
  .object({
    /** Free capacity in megabits per second. */
    freeTraffic: megabits,
    /** Where the relay's agent is reached, usually `host:port`. */
    restAddr: z.string().regex(/^[!-~]{1,255}$/),
    region: label.optional(),
    isps: z.array(label).max(64).readonly().default([]),
    /** Used part of the capacity, 0 to 1. */
    load: z.number().min(0).max(1).optional(),
    /** Open now. */
    allocations: z.int().min(0).optional(),
    uris: z
      .array(z.string().regex(/^turns?:[!-~]{1,250}$/))
      .max(64)
      .readonly()
      .default([]),
    draining: z.boolean().default(false),
    ready: z.boolean().default(true),
    /** Of the agent. */
    version: label.optional(),
    /** ISO 8601, UTC; by the relay's own clock. */
    updatedAt: z.iso.datetime().optional(),
    /** Round trips from here to the relays of each region, milliseconds. */
    roundTrips: z.record(label, z.number().min(0).max(60_000)).refine(atMost(MAX_REGIONS)).readonly().default({}),
    /** What this agent has reserved on each relay whose traffic does not show yet, megabits per second. */
    reserved: z.record(label, z.number().min(0).max(1e9)).refine(atMost(MAX_RESERVED)).readonly().default({}),
    /** Fingerprints of what its coturn accepts credentials by: who has one of them can make credentials for it. */
    secrets: z
      .array(z.string().regex(/^[0-9a-f]{16}$/))
      .max(16)
      .readonly()
      .default([]),
    /** Tells the agents of two data directories apart. */
    agent: label.optional(),
  })
  .readonly();

/** What a relay says of itself in the registry. */
export type RelayNode = z.output<typeof schema>;

/** The node's data. Its keys stand in this order: what the original signalling servers read comes first. */
export function encodeRelayNode(node: RelayNode): Buffer {
  const { freeTraffic, restAddr, region, isps, load, allocations, uris, draining, ready, ...rest } = node;
  const { version, updatedAt, roundTrips, reserved, secrets, agent } = rest;
  const ordered = {
    freeTraffic: rounded(freeTraffic, 10),
    restAddr,
    region,
    isps,
    load: load === undefined ? undefined : rounded(load, 1000),
    allocations,
    uris,
    draining,
    ready,
    version,
    updatedAt,
    roundTrips,
    reserved,
    secrets,
    agent,
  };
  return Buffer.from(JSON.stringify(ordered));
}

/** undefined for what is no relay's node. Unknown keys are passed over. */
export function decodeRelayNode(data: Buffer): RelayNode | undefined {
  if (data.length > MAX_BYTES) return undefined;
  return schema.safeParse(parseJson(data.toString())).data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function atMost(entries: number): (record: object) => boolean {
  return (record) => Object.keys(record).length <= entries;
}

function rounded(value: number, steps: number): number {
  return Math.round(value * steps) / steps;
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { systemCode } from '../lib/errors';
import { writeFileAtomically } from '../lib/write-file-atomically';

const logPosition = z.object({ inode: z.number(), bornAt: z.number(), offset: z.number(), doubtfulBytes: z.number() });

const lifeRecord = z.object({
  number: z.int().min(0),
  startedAt: z.number(),
  version: z.string(),
  /** Of the configuration that it runs with. */
  confHash: z.string(),
  /** Where it answers STUN, and its admin interface: the configuration may have changed since. */
  stun: z.object({ host: z.string(), port: z.int() }),
  cliPort: z.int(),
  /** Of its own Prometheus page; null where it has none, and in records of an older agent. */
  metricsPort: z.int().nullable().default(null),
  /** Where what it writes to the log begins; null where there was no log, and in records of an older agent. */
  logStart: logPosition.nullable().default(null),
  /** A stop has begun to end its sessions, and has told it to take no new ones. */
  ending: z.boolean(),
  /** null: about to be started, or ended. */
  process: z.object({ pid: z.int().min(1), startTicks: z.int(), bootId: z.string() }).nullable(),
});

/** What the agent knows of coturn's last life, kept so that another run of the agent can take it over. */
export type LifeRecord = z.output<typeof lifeRecord>;

export type StoredLife =
  { readonly kind: 'none' } | { readonly kind: 'damaged' } | { readonly kind: 'life'; readonly record: LifeRecord };

const fileOf = (dataDir: string): string => join(dataDir, 'coturn.json');

export function readLifeRecord(dataDir: string): StoredLife {
  let text: string;
  try {
    text = readFileSync(fileOf(dataDir), 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return { kind: 'none' };
    throw error;
  }
  return parseLifeRecord(text);
}

export function parseLifeRecord(text: string): StoredLife {
  try {
    return { kind: 'life', record: lifeRecord.parse(JSON.parse(text)) };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return { kind: 'damaged' };
    throw error;
  }
}

/** Durable when it resolves: not even a power cut brings an older number back. */
export function writeLifeRecord(dataDir: string, record: LifeRecord): Promise<void> {
  return writeFileAtomically(fileOf(dataDir), `${JSON.stringify(record)}\n`);
}

/**
 * The number of the next life. After a damaged record it goes on at the seconds since the epoch, which lie above every
 * number that counting has reached.
 */
export function nextLifeNumber(stored: StoredLife, now: number): number {
  switch (stored.kind) {
    case 'none':
      return 1;
    case 'damaged':
      return Math.floor(now / 1000);
    case 'life':
      return stored.record.number + 1;
  }
}

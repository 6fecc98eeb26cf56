import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const CAPTURES = ['coturn-4.6.1', 'coturn-4.17.1', 'coturn-4.17.1-peers-denied'] as const;

/** One thing that happened on the stats connections of a real coturn. */
export interface CapturedStep {
  /** Milliseconds since the capture began. */
  readonly t: number;
  readonly conn: number;
  readonly event?: 'open' | 'close';
  readonly cmd?: readonly string[];
}

export function readCapture(name: string): CapturedStep[] {
  const text = readFileSync(join(__dirname, '../fixtures', name, 'statsdb.ndjson'), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as CapturedStep);
}

/** A command in RESP. */
export function resp(...args: readonly string[]): Buffer {
  const parts = args.map((arg) => `$${Buffer.byteLength(arg)}\r\n${arg}\r\n`);
  return Buffer.from(`*${args.length}\r\n${parts.join('')}`);
}

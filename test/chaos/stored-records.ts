import Database from 'better-sqlite3';
import { join } from 'node:path';
import type { LegCounts } from './coturn-log';
import type { Stage } from './stage';

/** A usage record, read straight from its table. */
export interface StoredRecord {
  readonly id: string;
  readonly username: string;
  readonly allocations: number;
  readonly durationMs: number;
  readonly transports: string;
  readonly settled: string;
  readonly endReason: string;
  readonly client: LegCounts;
  readonly peer: LegCounts;
}

type Row = Record<string, unknown>;

/** All records that there are; `waiting`: how many have not reached the database that they belong into. */
export async function readRecords(stage: Stage): Promise<{ records: StoredRecord[]; waiting: number }> {
  const local = readLocal(join(stage.dataDir, 'usage.db'));
  if (!stage.postgres) return { records: local.map(recordOf), waiting: 0 };
  const rows = await stage.postgres.query('SELECT * FROM turnkeeper_usage');
  return { records: rows.map(recordOf), waiting: local.length };
}

function readLocal(file: string): Row[] {
  const database = new Database(file, { readonly: true });
  try {
    return database.prepare<[], Row>('SELECT * FROM usage').all();
  } finally {
    database.close();
  }
}

function recordOf(row: Row): StoredRecord {
  return {
    id: String(row['id']),
    username: String(row['username']),
    allocations: Number(row['allocations']),
    durationMs: Number(row['duration_ms']),
    transports: String(row['transports']),
    settled: String(row['settled']),
    endReason: String(row['end_reason']),
    client: countsOf(row, 'client'),
    peer: countsOf(row, 'peer'),
  };
}

function countsOf(row: Row, leg: 'client' | 'peer'): LegCounts {
  const of = (name: string): number => Number(row[`${leg}_${name}`]);
  return {
    receivedPackets: of('received_packets'),
    receivedBytes: of('received_bytes'),
    sentPackets: of('sent_packets'),
    sentBytes: of('sent_bytes'),
  };
}

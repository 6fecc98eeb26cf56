import type { Logger } from '../../lib/logger';
import type { UsageRecord } from '../../turn/usage-record';
import { LedgerReplaced, type Commit, type LedgerFile, type OpenedLedger } from '../ledger-file';
import { recordOf, valuesOf, type UsageRow } from '../usage-columns';
import type { PlacedRecord, RecordsQuery, SumsQuery, UsageStore, UsageSum } from '../usage-store';
import { SqliteFile } from './sqlite-file';
import { SqliteReads } from './sqlite-reads';
import { INSERT } from './sqlite-schema';
import { isDamage, type Statement } from './sqlite-thread';

export interface SqliteUsageOptions {
  /** Where the file is, or will be. */
  readonly file: string;
  readonly logger: Logger;
}

/** The ledger's file, and the store that the records in it make; `close` of the ledger closes both. */
export function createSqliteUsage({ file, logger }: SqliteUsageOptions): { ledger: LedgerFile; store: UsageStore } {
  const reads = new SqliteReads(file);
  const ledger = new SqliteLedger(new SqliteFile(file, logger, () => reads.reset()), reads);
  return { ledger, store: new SqliteStore(ledger, reads) };
}

function insertPieces({ number, pieces }: Commit['blocks'][number]): Statement[] {
  const sql = 'INSERT INTO blocks (number, piece, text) VALUES (?, ?, ?)';
  return pieces.map((text, piece) => ({ sql, rows: [[number, piece, text]] }));
}

class SqliteLedger implements LedgerFile {
  constructor(
    readonly file: SqliteFile,
    private readonly reads: SqliteReads,
  ) {}

  open(lastRun = 0): Promise<OpenedLedger> {
    return this.file.open(() => this.load(lastRun));
  }

  private async load(lastRun: number): Promise<OpenedLedger> {
    const begin = 'UPDATE ledger SET run = max(run, ?) + 1 RETURNING agent, run, last_commit';
    const [ledger] = await this.file.query(begin, [lastRun]);
    const pieces = await this.file.query('SELECT number, text FROM blocks ORDER BY number, piece');
    const blocks = new Map<number, string>();
    for (const { number, text } of pieces) {
      blocks.set(Number(number), (blocks.get(Number(number)) ?? '') + String(text));
    }
    return {
      agent: String(ledger?.['agent']),
      run: Number(ledger?.['run']),
      commit: Number(ledger?.['last_commit']),
      blocks: Array.from(blocks, ([number, text]) => ({ number, text })),
    };
  }

  async commit({ number, records, blocks, obsolete }: Commit): Promise<void> {
    try {
      await this.file.transaction([
        { sql: 'UPDATE ledger SET last_commit = ? WHERE last_commit < ?', rows: [[number, number]], orElseStop: true },
        { sql: INSERT, rows: records.map(valuesOf) },
        ...blocks.flatMap(insertPieces),
        { sql: 'DELETE FROM blocks WHERE number = ?', rows: obsolete.map((gone) => [gone]) },
      ]);
    } catch (error) {
      if (!isDamage(error)) throw error;
      throw new LedgerReplaced('usage.db is damaged', { cause: error });
    }
  }

  append(records: readonly UsageRecord[]): Promise<number> {
    return this.file.transaction([{ sql: INSERT, rows: records.map(valuesOf) }]);
  }

  async oldest(limit: number): Promise<readonly PlacedRecord[]> {
    const rows = await this.file.query('SELECT * FROM usage ORDER BY place LIMIT ?', [limit]);
    return rows.map((row) => recordOf(row as unknown as UsageRow));
  }

  async forget(place: number): Promise<void> {
    await this.file.transaction([{ sql: 'DELETE FROM usage WHERE place <= ?', rows: [[place]] }]);
  }

  async count(): Promise<number> {
    const [row] = await this.file.query('SELECT count(*) AS count FROM usage');
    return Number(row?.['count']);
  }

  /** Freed pages take what comes next. Only VACUUM shrinks the file: it writes all of it anew, and everything waits. */
  deleteBefore(time: number, limit: number): Promise<number> {
    const old = 'SELECT place FROM usage WHERE ended_at < ? ORDER BY ended_at LIMIT ?';
    return this.file.transaction([{ sql: `DELETE FROM usage WHERE place IN (${old})`, rows: [[time, limit]] }]);
  }

  async close(): Promise<void> {
    await this.reads.reset();
    await this.file.close();
  }
}

class SqliteStore implements UsageStore {
  constructor(
    private readonly ledger: SqliteLedger,
    private readonly reads: SqliteReads,
  ) {}

  open(): Promise<void> {
    return this.ledger.file.open(() => Promise.resolve());
  }

  async append(records: readonly UsageRecord[]): Promise<void> {
    await this.ledger.append(records);
  }

  records(query: RecordsQuery): AsyncIterable<readonly PlacedRecord[]> {
    return this.reads.records(query);
  }

  sums(query: SumsQuery): AsyncIterable<readonly UsageSum[]> {
    return this.reads.sums(query);
  }

  deleteBefore(time: number, limit: number): Promise<number> {
    return this.ledger.deleteBefore(time, limit);
  }

  close(): Promise<void> {
    return this.ledger.close();
  }
}

import { UserError } from '../../lib/errors';
import type { UsageRecord } from '../../turn/usage-record';
import { COUNT_COLUMNS, IS_ABNORMAL, recordOf, sumOf, type SumRow, type UsageRow } from '../usage-columns';
import { offsetsBetween, type OffsetFrom } from '../usage-day';
import type {
  GroupKey,
  PlacedRecord,
  RecordsQuery,
  SumsQuery,
  UsageFilter,
  UsageStore,
  UsageSum,
} from '../usage-store';
import { ReadSlots } from '../read-slots';
import { explained, PostgresPool, type PostgresPoolOptions } from './postgres-pool';
import { arraysOf, FORGET_OPEN, GIVE_WAY, INSERT, LOCK, MIGRATIONS } from './postgres-schema';

export type PostgresStoreOptions = Omit<PostgresPoolOptions, 'connections'>;

const CONNECTIONS = 4;
/** A read holds its connection for as long as its reader is slow: one is left for who writes. */
const READS = CONNECTIONS - 1;
const BATCH = 500;

/** Throws nothing: the database may be away. */
export function createPostgresStore(options: PostgresStoreOptions): UsageStore {
  return new PostgresStore(options);
}

class PostgresStore implements UsageStore {
  private readonly pool: PostgresPool;
  private readonly readSlots = new ReadSlots(READS);

  constructor(options: PostgresStoreOptions) {
    this.pool = new PostgresPool({ ...options, connections: CONNECTIONS });
  }

  async open(): Promise<void> {
    await this.pool.transaction(async (client) => {
      // Two agents that start together: the second waits, and finds it done.
      await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK.migrate]);
      await client.query('CREATE TABLE IF NOT EXISTS turnkeeper_version (version integer NOT NULL)');
      const { rows } = await client.query<{ version: number }>('SELECT version FROM turnkeeper_version');
      const version = rows[0]?.version ?? 0;
      if (version > MIGRATIONS.length) {
        throw new UserError(
          'bad_config',
          'The tables in PostgreSQL are of a newer turnkeeper: install that one again.',
        );
      }
      for (const migration of MIGRATIONS.slice(version)) await client.query(migration);
      if (rows.length === 0) await client.query('INSERT INTO turnkeeper_version VALUES (0)');
      await client.query('UPDATE turnkeeper_version SET version = $1', [MIGRATIONS.length]);
    });
  }

  async append(records: readonly UsageRecord[]): Promise<void> {
    if (records.length === 0) return;
    const ids = records.map(({ id }) => id);
    await this.pool.transaction(async (client) => {
      // One after the other, so that places become visible in their order: who reads on after the last misses none.
      await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK.append]);
      await client.query(GIVE_WAY, [ids]);
      await client.query(INSERT, arraysOf(records));
      await client.query(FORGET_OPEN, [ids]);
    });
  }

  async *records(query: RecordsQuery): AsyncGenerator<readonly PlacedRecord[]> {
    const where = new Where(query);
    if (query.after !== undefined) where.add('place > ?', query.after);
    const limit = query.limit === undefined ? '' : ` LIMIT ${where.parameter(query.limit)}`;
    const sql = `SELECT *, ${MILLISECONDS} FROM turnkeeper_usage ${where.text} ORDER BY place${limit}`;
    for await (const rows of this.read(sql, where.values)) {
      yield (rows as Record<string, unknown>[]).map((row) => recordOf(rowOf(row)));
    }
  }

  async *sums(query: SumsQuery): AsyncGenerator<readonly UsageSum[]> {
    const where = new Where(query);
    const offsets = query.groupBy.includes('day') ? await this.offsetsOf(query) : [];
    const columns = query.groupBy.map((key) => keyColumn(key, offsets));
    const keys = query.groupBy.map((key, at) => `${columns[at] ?? ''} AS "${key}"`).join(', ');
    const counts = COUNT_COLUMNS.map((column) => `sum(${column}) AS ${column}`).join(', ');
    const numbers = columns.map((_, at) => at + 1);
    const sql = `SELECT ${keys}, count(*) AS sessions, count(*) FILTER (WHERE relayed) AS relayed_sessions,
      sum(allocations) AS allocations, sum(duration_ms) AS duration_ms, ${counts}
      FROM turnkeeper_usage ${where.text}
      GROUP BY ${numbers.join(', ')} ORDER BY ${columns.map((column) => `(${column}) COLLATE "C"`).join(', ')}`;
    for await (const rows of this.read(sql, where.values)) {
      yield (rows as SumRow[]).map((row) => sumOf(row, query.groupBy));
    }
  }

  async deleteBefore(time: number, limit: number): Promise<number> {
    const sql = `DELETE FROM turnkeeper_usage WHERE place IN (
      SELECT place FROM turnkeeper_usage WHERE ended_at < to_timestamp($1::float8 / 1000)
      ORDER BY ended_at LIMIT $2 FOR UPDATE SKIP LOCKED)`;
    return (await this.pool.query(sql, [time, limit])).rowCount ?? 0;
  }

  async close(): Promise<void> {
    await this.pool.close();
  }

  private async offsetsOf({ from, to, timeZone }: SumsQuery): Promise<readonly OffsetFrom[]> {
    const { rows } = await this.pool.query<Record<'first' | 'last', string | null>>(ENDS);
    const first = Math.max(Number(rows[0]?.first ?? 0), from ?? -Infinity);
    const last = Math.min(Number(rows[0]?.last ?? 0), to ?? Infinity);
    return offsetsBetween(first, last, timeZone);
  }

  private async *read(sql: string, values: readonly unknown[]): AsyncGenerator<readonly unknown[]> {
    const giveBack = await this.readSlots.take();
    try {
      yield* this.batches(sql, values);
    } finally {
      giveBack();
    }
  }

  /** The rows of a query, fetched a batch at a time. */
  private async *batches(sql: string, values: readonly unknown[]): AsyncGenerator<readonly unknown[]> {
    const client = await this.pool.connect();
    let isWhole = false;
    try {
      await explained(() => client.query('BEGIN READ ONLY'));
      await explained(() => client.query(`DECLARE turnkeeper NO SCROLL CURSOR FOR ${sql}`, [...values]));
      for (;;) {
        const { rows } = await explained(() => client.query(`FETCH ${BATCH} FROM turnkeeper`));
        if (rows.length > 0) yield rows;
        if (rows.length < BATCH) break;
      }
      await explained(() => client.query('COMMIT'));
      isWhole = true;
    } finally {
      client.release(!isWhole);
    }
  }
}

const MILLISECONDS =
  'extract(epoch FROM started_at) * 1000 AS started_ms, extract(epoch FROM ended_at) * 1000 AS ended_ms';

const ENDS = `SELECT extract(epoch FROM min(ended_at)) * 1000 AS first, extract(epoch FROM max(ended_at)) * 1000 AS last
  FROM turnkeeper_usage`;

/** PostgreSQL gives 64-bit numbers as texts. */
function rowOf(row: Record<string, unknown>): UsageRow {
  const names = ['place', 'duration_ms', ...COUNT_COLUMNS];
  const numbers: Record<string, unknown> = Object.fromEntries(names.map((column) => [column, Number(row[column])]));
  const times = { started_at: Number(row['started_ms']), ended_at: Number(row['ended_ms']) };
  return { ...row, ...numbers, ...times } as unknown as UsageRow;
}

function keyColumn(key: GroupKey, offsets: readonly OffsetFrom[]): string {
  switch (key) {
    case 'user':
      return 'user_id';
    case 'label':
      return "CASE WHEN strpos(user_id, '#') = 0 THEN '' ELSE substr(user_id, strpos(user_id, '#') + 1) END";
    case 'realm':
    case 'server':
      return key;
    case 'day':
      return `to_char(ended_at AT TIME ZONE 'UTC' + ${offsetColumn(offsets)} * interval '1 ms', 'YYYY-MM-DD')`;
  }
}

/** In milliseconds. Not left to PostgreSQL: CET is an abbreviation there, an hour from UTC all the year. */
function offsetColumn(offsets: readonly OffsetFrom[]): string {
  const [first, ...later] = offsets;
  return later.reduce(
    (before, { from, offset }) =>
      `CASE WHEN ended_at < to_timestamp(${from} / 1000.0) THEN ${before} ELSE ${offset} END`,
    String(first?.offset ?? 0),
  );
}

/** The condition of a filter, its values as parameters. */
class Where {
  readonly values: (string | number)[] = [];
  private readonly conditions: string[] = [];

  constructor({ from, to, user, realm, server, abnormal }: UsageFilter) {
    if (from !== undefined) this.add('ended_at >= to_timestamp(?::float8 / 1000)', from);
    if (to !== undefined) this.add('ended_at < to_timestamp(?::float8 / 1000)', to);
    if (user !== undefined) this.add('user_id = ?', user);
    if (realm !== undefined) this.add('realm = ?', realm);
    if (server !== undefined) this.add('server = ?', server);
    if (abnormal) this.conditions.push(IS_ABNORMAL);
  }

  get text(): string {
    return this.conditions.length === 0 ? '' : `WHERE ${this.conditions.join(' AND ')}`;
  }

  add(condition: string, value: string | number): void {
    this.conditions.push(condition.replace('?', this.parameter(value)));
  }

  parameter(value: string | number): string {
    return `$${this.values.push(value)}`;
  }
}

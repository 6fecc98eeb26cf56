import { UserError, messageOf } from '../../lib/errors';
import { COUNT_COLUMNS, recordOf, sumOf, type SumRow, type UsageRow } from '../usage-columns';
import { daysBetween } from '../usage-day';
import type {
  GroupKey,
  PlacedRecord,
  RecordsQuery,
  SumsQuery,
  UsageFilter,
  UsageReader,
  UsageSum,
} from '../usage-store';
import { mergedSums } from './merged-sums';
import { ReaderPool } from './reader-pool';
import type { Row, SqliteThread } from './sqlite-thread';

const BATCH = 500;
const NO_LIMIT = -1;

interface Places {
  readonly first: number;
  readonly last: number;
}

type Condition = readonly [sql: string, value: string | number];

/** Reads records and sums from the file, each read in a thread of its own. */
export class SqliteReads implements UsageReader {
  private readonly pool: ReaderPool;

  constructor(private readonly file: string) {
    this.pool = new ReaderPool(file);
  }

  async *records(query: RecordsQuery): AsyncGenerator<readonly PlacedRecord[]> {
    const { after = 0, limit = NO_LIMIT } = query;
    const places = await this.placesOf(query);
    const conditions = [...conditionsOf(query), ['place > ?', after] as const];
    const { where, values } = clause(conditions, places);
    const sql = `SELECT * FROM usage WHERE ${where} ORDER BY place LIMIT ?`;
    for await (const rows of this.read(sql, [...values, limit])) {
      yield rows.map((row) => recordOf(row as unknown as UsageRow));
    }
  }

  /** Half of the records each are added up by two threads: grouping a million takes one thread more than a second. */
  async *sums(query: SumsQuery): AsyncGenerator<readonly UsageSum[]> {
    const places = await this.placesOf(query);
    const middle = Math.floor((places.first + places.last) / 2);
    const days = query.groupBy.includes('day') ? await this.daysOf(places, query.timeZone) : undefined;
    const half = (part: Places): AsyncIterable<readonly UsageSum[]> => this.sumsOf(query, part, days);
    const halves = [half({ ...places, last: middle }), half({ ...places, first: middle + 1 })] as const;
    yield* mergedSums(...halves, query.groupBy);
  }

  /** The file is another one. */
  reset(): void {
    this.pool.reset();
  }

  async close(): Promise<void> {
    await this.pool.close();
  }

  private async *sumsOf(
    query: SumsQuery,
    places: Places,
    days: string | undefined,
  ): AsyncGenerator<readonly UsageSum[]> {
    const { where, values } = clause(conditionsOf(query), places);
    const keys = query.groupBy.map((key) => `${KEY_COLUMNS[key]} AS "${key}"`).join(', ');
    const groups = query.groupBy.map((key) => KEY_COLUMNS[key]).join(', ');
    const counts = COUNT_COLUMNS.map((column) => `sum(${column}) AS ${column}`).join(', ');
    const from =
      days === undefined
        ? 'usage NOT INDEXED'
        : "usage NOT INDEXED JOIN json_each(?) day ON ended_at >= day.value ->> 'start' AND ended_at < day.value ->> 'end'";
    const sql = `SELECT ${keys}, count(*) AS sessions, sum(relayed) AS relayed_sessions,
      sum(allocations) AS allocations, sum(duration_ms) AS duration_ms, ${counts}
      FROM ${from} WHERE ${where} GROUP BY ${groups} ORDER BY ${groups}`;
    for await (const rows of this.read(sql, [...(days === undefined ? [] : [days]), ...values])) {
      yield rows.map((row) => sumOf(row as unknown as SumRow, query.groupBy));
    }
  }

  private async *read(sql: string, values: readonly (string | number)[]): AsyncGenerator<readonly Row[]> {
    const thread = await this.take();
    try {
      yield* thread.read(sql, values, BATCH);
    } catch (error) {
      throw explained(this.file, error);
    } finally {
      this.pool.give(thread);
    }
  }

  /** The places where the records of a time lie: they arrive nearly in the order in which sessions end. */
  private async placesOf({ from, to }: UsageFilter): Promise<Places> {
    const conditions = conditionsOf({ from, to });
    const where = conditions.map(([sql]) => sql).join(' AND ') || 'TRUE';
    const values = conditions.map(([, value]) => value);
    const [row] = await this.ask(`SELECT min(place) AS first, max(place) AS last FROM usage WHERE ${where}`, values);
    return { first: Number(row?.['first'] ?? 0), last: Number(row?.['last'] ?? 0) };
  }

  private async daysOf({ first, last }: Places, timeZone: string): Promise<string> {
    const sql = 'SELECT min(ended_at) AS first, max(ended_at) AS last FROM usage WHERE place BETWEEN ? AND ?';
    const [row] = await this.ask(sql, [first, last]);
    const [from, to] = [Number(row?.['first'] ?? 0), Number(row?.['last'] ?? 0)];
    return JSON.stringify(daysBetween(from, to, timeZone));
  }

  private async ask(sql: string, values: readonly (string | number)[]): Promise<readonly Row[]> {
    const thread = await this.take();
    try {
      return await thread.query(sql, values);
    } catch (error) {
      throw explained(this.file, error);
    } finally {
      this.pool.give(thread);
    }
  }

  private async take(): Promise<SqliteThread> {
    try {
      return await this.pool.take();
    } catch (error) {
      throw explained(this.file, error);
    }
  }
}

const KEY_COLUMNS: Record<GroupKey, string> = {
  user: 'user_id',
  realm: 'realm',
  server: 'server',
  day: "day.value ->> 'name'",
};

function conditionsOf({ from, to, user, realm, server }: UsageFilter): Condition[] {
  const conditions: (readonly [string, string | number | undefined])[] = [
    ['ended_at >= ?', from],
    ['ended_at < ?', to],
    ['user_id = ?', user],
    ['realm = ?', realm],
    ['server = ?', server],
  ];
  return conditions.flatMap(([sql, value]) => (value === undefined ? [] : [[sql, value] as const]));
}

function clause(
  conditions: readonly Condition[],
  { first, last }: Places,
): { where: string; values: (string | number)[] } {
  const all: Condition[] = [['place >= ?', first], ['place <= ?', last], ...conditions];
  return { where: all.map(([sql]) => sql).join(' AND '), values: all.map(([, value]) => value) };
}

function explained(file: string, error: unknown): UserError {
  if (error instanceof UserError) return error;
  return new UserError('unavailable', `${file} can't be read now (${messageOf(error)}): try again later.`, {
    cause: error,
  });
}

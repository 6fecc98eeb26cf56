import { UserError, messageOf, systemCode } from '../../lib/errors';
import { recordOf, sumOf, type SumRow, type UsageRow } from '../usage-columns';
import { offsetsBetween, type OffsetFrom } from '../usage-day';
import type { PlacedRecord, RecordsQuery, SumsQuery, UsageFilter, UsageReader, UsageSum } from '../usage-store';
import { mergedSums } from './merged-sums';
import { ReadSlots } from '../read-slots';
import { ReaderPool } from './reader-pool';
import { isDamage, type Row, type SqliteThread, type Value } from './sqlite-thread';
import { conditionOf, sumsQuery } from './sums-query';

const BATCH = 500;

interface Places {
  readonly first: number;
  readonly last: number;
}

/** Reads records and sums from the file, in threads beside the writer's. */
export class SqliteReads implements UsageReader {
  private readonly pool: ReaderPool;
  /** One at a time: it holds its threads for as long as its reader is slow, and others are left for records. */
  private readonly sumsTurn = new ReadSlots(1);

  constructor(private readonly file: string) {
    this.pool = new ReaderPool(file);
  }

  /** Each batch is a query of its own: a slow consumer holds no thread, nor what the writer would like to overwrite. */
  async *records(query: RecordsQuery): AsyncGenerator<readonly PlacedRecord[]> {
    const { sql, values } = conditionOf(query);
    const { first, last } = await this.placesOf(query);
    const page = `SELECT * FROM usage NOT INDEXED WHERE place > ? AND place <= ? AND ${sql} ORDER BY place LIMIT ?`;
    let after = Math.max(query.after ?? 0, first - 1);
    for (let left = query.limit ?? Infinity; left > 0;) {
      const count = Math.min(BATCH, left);
      const rows = await this.query(page, [after, last, ...values, count]);
      const records = rows.map((row) => recordOf(row as unknown as UsageRow));
      if (records.length > 0) yield records;
      if (records.length < count) return;
      after = records.at(-1)?.place ?? last;
      left -= count;
    }
  }

  /** Half of the records each are added up by two threads: grouping a million takes one thread nearly a second. */
  async *sums(query: SumsQuery): AsyncGenerator<readonly UsageSum[]> {
    const giveBackTurn = await this.sumsTurn.take();
    try {
      yield* this.addedUp(query);
    } finally {
      giveBackTurn();
    }
  }

  private async *addedUp(query: SumsQuery): AsyncGenerator<readonly UsageSum[]> {
    const condition = conditionOf(query);
    const { first, last } = await this.placesOf(query);
    if (last === 0) return;
    const offsets = query.groupBy.includes('day') ? await this.offsetsOf(query) : [];
    const sql = sumsQuery(condition, query.groupBy, offsets);
    const middle = Math.floor((first + last) / 2);
    const { threads, giveBack } = await this.explained(() => this.pool.borrow(2));
    const half = (thread: SqliteThread | undefined, from: number, to: number): AsyncIterable<readonly UsageSum[]> =>
      readSums(thread?.read(sql, [...condition.values, from, to], BATCH), query);
    let areWell = true;
    try {
      yield* mergedSums(half(threads[0], first, middle), half(threads[1], middle + 1, last), query.groupBy);
    } catch (error) {
      areWell = false;
      throw this.toUserError(error);
    } finally {
      await giveBack(areWell);
    }
  }

  /** The file is another one, or no more needed. */
  async reset(): Promise<void> {
    await this.pool.reset();
  }

  /** The places where the records of a time lie: they arrive nearly in the order in which sessions end. */
  private async placesOf({ from, to }: UsageFilter): Promise<Places> {
    const { sql, values } = conditionOf({ from, to });
    // SQLite looks up one of the two alone where nothing is asked, and reads all for both together.
    const isAll = from === undefined && to === undefined;
    const [row] = await this.query(isAll ? ENDS_OF('place') : `${PLACES} WHERE ${sql}`, values);
    return {
      first: Number(row?.['first'] ?? 0),
      last: Number(row?.['last'] ?? 0),
    };
  }

  private async offsetsOf({ from, to, timeZone }: SumsQuery): Promise<readonly OffsetFrom[]> {
    const [row] = await this.query(ENDS_OF('ended_at'), []);
    const first = Math.max(Number(row?.['first'] ?? 0), from ?? -Infinity);
    const last = Math.min(Number(row?.['last'] ?? 0), to ?? Infinity);
    return offsetsBetween(first, last, timeZone);
  }

  private query(sql: string, values: readonly Value[]): Promise<readonly Row[]> {
    return this.explained(() => this.pool.query(sql, values));
  }

  private async explained<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.toUserError(error);
    }
  }

  private toUserError(error: unknown): UserError {
    if (error instanceof UserError) return error;
    const advice = isDamage(error)
      ? `look with \`sqlite3 ${this.file} .recover\` what can be saved`
      : 'try again later';
    const why = `${messageOf(error)}, ${systemCode(error) ?? 'unknown error'}`;
    return new UserError('unavailable', `${this.file} can't be read now (${why}): ${advice}.`, { cause: error });
  }
}

const PLACES = 'SELECT min(place) AS first, max(place) AS last FROM usage';
const ENDS_OF = (column: 'place' | 'ended_at'): string =>
  `SELECT (SELECT min(${column}) FROM usage) AS first, (SELECT max(${column}) FROM usage) AS last`;

async function* readSums(
  batches: AsyncIterable<readonly Row[]> | undefined,
  { groupBy }: SumsQuery,
): AsyncGenerator<readonly UsageSum[]> {
  for await (const rows of batches ?? []) yield rows.map((row) => sumOf(row as unknown as SumRow, groupBy));
}

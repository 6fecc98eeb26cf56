import { ReadSlots } from '../read-slots';
import { SqliteThread, type Row, type Value } from './sqlite-thread';

const THREADS = 4;
/**
 * A query that groups sorts as many rows in memory as the page cache is large, and a small one fits the processor's
 * caches: a million records are added up by user in 0.8 s with 1 to 4 MB, in 1.3 s with 64.
 */
const PRAGMAS = ['busy_timeout = 2000', 'cache_size = -1000'];

/** Threads that somebody reads with. */
export interface Borrowed {
  readonly threads: readonly SqliteThread[];
  /** A thread with which something failed is not used again. */
  readonly giveBack: (areWell: boolean) => Promise<void>;
}

/** Connections that only read, each in a thread of its own, so that long exports neither wait for nor hold up the writer. */
export class ReaderPool {
  private readonly slots = new ReadSlots(THREADS);
  private idle: SqliteThread[] = [];
  /** Grows when the threads there are shall not be used again. */
  private epoch = 0;

  constructor(private readonly file: string) {}

  /** Throws UserError `too_many` where too many wait already. */
  async borrow(count: number): Promise<Borrowed> {
    const freeSlots = await this.slots.take(count);
    const { epoch } = this;
    const threads: SqliteThread[] = [];
    const giveBack = async (areWell: boolean): Promise<void> => {
      freeSlots();
      if (areWell && epoch === this.epoch) this.idle.push(...threads);
      else await Promise.all(threads.map((thread) => thread.close()));
    };
    try {
      while (threads.length < count) threads.push(this.idle.pop() ?? (await this.start()));
      return { threads, giveBack };
    } catch (error) {
      await giveBack(false);
      throw error;
    }
  }

  /** All rows of a query. */
  async query(sql: string, values: readonly Value[]): Promise<readonly Row[]> {
    const { threads, giveBack } = await this.borrow(1);
    let rows: readonly Row[] | undefined;
    try {
      rows = await threads[0]?.query(sql, values);
      return rows ?? [];
    } finally {
      await giveBack(rows !== undefined);
    }
  }

  /** Ends the threads, those in use when they are given back; the next read starts others. */
  async reset(): Promise<void> {
    this.epoch++;
    const { idle } = this;
    this.idle = [];
    await Promise.all(idle.map((thread) => thread.close()));
  }

  private async start(): Promise<SqliteThread> {
    const thread = new SqliteThread();
    try {
      await thread.open({ file: this.file, readonly: true, pragmas: PRAGMAS });
      return thread;
    } catch (error) {
      await thread.close();
      throw error;
    }
  }
}

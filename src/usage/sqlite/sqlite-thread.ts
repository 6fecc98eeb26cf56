import { Worker } from 'node:worker_threads';
import { systemCode } from '../../lib/errors';

export type Value = string | number | null;
export type Row = Readonly<Record<string, Value>>;

/** A statement, run once for each of the rows of parameters. */
export interface Statement {
  readonly sql: string;
  readonly rows: readonly (readonly Value[])[];
  /** Where it changes nothing, what stands after it in the transaction is left out. */
  readonly orElseStop?: boolean;
}

export interface OpenOptions {
  readonly file: string;
  readonly readonly: boolean;
  /** Run at once, one after the other: `journal_mode = WAL`. */
  readonly pragmas: readonly string[];
}

type Call =
  | ({ readonly kind: 'open' } & OpenOptions)
  | { readonly kind: 'close' }
  | { readonly kind: 'script'; readonly sql: string }
  | { readonly kind: 'transaction' }
  | ({ readonly kind: 'run' } & Statement)
  | { readonly kind: 'commit' }
  | { readonly kind: 'query'; readonly sql: string; readonly parameters: readonly Value[] }
  | { readonly kind: 'begin'; readonly sql: string; readonly parameters: readonly Value[] }
  | { readonly kind: 'next'; readonly count: number }
  | { readonly kind: 'end' };

/** What SQLite says of a failure: `code` is its extended result code, `SQLITE_FULL`. */
export class SqliteError extends Error {
  override readonly name = 'SqliteError';

  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** Whether the file is damaged, says an error. */
export function isDamage(error: unknown): boolean {
  return /^SQLITE_(CORRUPT|NOTADB)/.test(systemCode(error) ?? '');
}

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: { readonly code: string; readonly message: string };
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** What passes through the thread dies young. V8 would let it have 48 MB of that before it looks what can go. */
const YOUNG_MEGABYTES = 6;

/** What the thread runs: a text, because it must be JavaScript before the build as well as after it. */
const THREAD = `
  const { parentPort, workerData } = require('node:worker_threads');
  const Database = require(workerData);
  let db, cursor, isStopped;
  const prepared = new Map();
  const prepare = (sql) => {
    if (!prepared.has(sql)) prepared.set(sql, db.prepare(sql));
    return prepared.get(sql);
  };
  const close = () => {
    cursor?.return?.();
    cursor = undefined;
    prepared.clear();
    db?.close();
    db = undefined;
  };
  const calls = {
    open({ file, readonly, pragmas }) {
      close();
      db = new Database(file, { readonly });
      for (const pragma of pragmas) db.pragma(pragma);
    },
    close,
    script: ({ sql }) => { db.transaction(() => db.exec(sql)).immediate(); },
    transaction() {
      db.exec('BEGIN IMMEDIATE');
      isStopped = false;
    },
    run({ sql, rows, orElseStop }) {
      if (!db.inTransaction) throw Object.assign(new Error('no transaction'), { code: 'NO_TRANSACTION' });
      let changes = 0;
      if (isStopped) return changes;
      const statement = prepare(sql);
      for (const row of rows) changes += statement.run(...row).changes;
      isStopped = orElseStop && changes === 0;
      return changes;
    },
    commit() { db.exec('COMMIT'); },
    query: ({ sql, parameters }) => prepare(sql).all(...parameters),
    begin: ({ sql, parameters }) => { cursor?.return?.(); cursor = db.prepare(sql).iterate(...parameters); },
    next({ count }) {
      const rows = [];
      while (cursor && rows.length < count) {
        const { value, done } = cursor.next();
        if (done) cursor = undefined;
        else rows.push(value);
      }
      return rows;
    },
    end() { cursor?.return?.(); cursor = undefined; },
  };
  parentPort.on('message', ({ id, call }) => {
    try {
      if (!db && call.kind !== 'open' && call.kind !== 'close') throw Object.assign(new Error('not open'), { code: 'NOT_OPEN' });
      parentPort.postMessage({ id, value: calls[call.kind](call) });
    } catch (error) {
      if (db?.inTransaction) db.exec('ROLLBACK');
      parentPort.postMessage({ id, error: { code: String(error.code), message: error.message } });
    }
  });
`;

/**
 * A connection to a SQLite file in a thread of its own: a slow disk, a lock or a long query delays no event from coturn
 * and no scrape. Calls run one after the other. Each rejects with `SqliteError`; a thread that died is started again
 * with the next `open`.
 */
export class SqliteThread {
  private worker: Worker | undefined;
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;

  async open(options: OpenOptions): Promise<void> {
    await this.call({ kind: 'open', ...options });
  }

  /** All of the script or nothing. */
  async script(sql: string): Promise<void> {
    await this.call({ kind: 'script', sql });
  }

  /**
   * All or nothing; how many rows the last statement changed, 0 where it was left out. Statements are sent at once, so
   * that no other call comes between, but each by itself: a message of many megabytes leaves its room behind. The first
   * that fails ends the transaction, so that those behind it do nothing.
   */
  async transaction(statements: readonly Statement[]): Promise<number> {
    const begun = this.call({ kind: 'transaction' });
    const ran = statements.map((statement) => this.call({ kind: 'run', ...statement }));
    const [, ...changes] = await Promise.all([begun, ...ran, this.call({ kind: 'commit' })]);
    return Number(changes[statements.length - 1]);
  }

  async query(sql: string, parameters: readonly Value[] = []): Promise<readonly Row[]> {
    return (await this.call({ kind: 'query', sql, parameters })) as Row[];
  }

  /** The rows of a query in batches, each read when it is asked for. One at a time. */
  async *read(sql: string, parameters: readonly Value[], batch: number): AsyncGenerator<readonly Row[]> {
    await this.call({ kind: 'begin', sql, parameters });
    try {
      for (;;) {
        const rows = (await this.call({ kind: 'next', count: batch })) as Row[];
        if (rows.length > 0) yield rows;
        if (rows.length < batch) return;
      }
    } finally {
      await this.call({ kind: 'end' });
    }
  }

  async close(): Promise<void> {
    if (!this.worker) return;
    await this.call({ kind: 'close' });
    await this.worker.terminate();
  }

  private call(call: Call): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (call.kind === 'open') this.worker ??= this.startWorker();
      if (!this.worker) {
        reject(new SqliteError('THREAD_ENDED', 'the SQLite thread has ended'));
        return;
      }
      const id = ++this.lastId;
      this.waiting.set(id, { resolve, reject });
      this.worker.postMessage({ id, call });
    });
  }

  private startWorker(): Worker {
    const worker = new Worker(THREAD, {
      eval: true,
      workerData: require.resolve('better-sqlite3'),
      env: {},
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEGABYTES },
    });
    let cause = new SqliteError('THREAD_ENDED', 'the SQLite thread ended');
    worker.on('message', ({ id, value, error }: Answer) => {
      const call = this.waiting.get(id);
      this.waiting.delete(id);
      if (error) call?.reject(new SqliteError(error.code, error.message));
      else call?.resolve(value);
    });
    worker.on('error', (error) => {
      cause = new SqliteError('THREAD_ENDED', error.message);
    });
    worker.on('exit', () => {
      this.worker = undefined;
      for (const { reject } of this.waiting.values()) reject(cause);
      this.waiting.clear();
    });
    return worker;
  }
}

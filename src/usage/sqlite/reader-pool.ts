import { UserError } from '../../lib/errors';
import { SqliteThread } from './sqlite-thread';

/** Reads at once, and those that wait for one of them to end. */
const THREADS = 4;
const MAX_WAITING = 32;

/** Connections that only read, each in a thread of its own, so that long exports neither wait for nor hold up the writer. */
export class ReaderPool {
  private idle: SqliteThread[] = [];
  /** Those of the file that is there now. */
  private threads = new Set<SqliteThread>();
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly file: string) {}

  /** Throws UserError `too_many` where too many wait already. Give it back. */
  async take(): Promise<SqliteThread> {
    for (;;) {
      const idle = this.idle.pop();
      if (idle) return idle;
      if (this.threads.size < THREADS) return await this.start();
      if (this.waiting.length >= MAX_WAITING) {
        throw new UserError('too_many', 'Too many requests read usage just now: try again later.');
      }
      await new Promise<void>((resolve) => {
        this.waiting.push(resolve);
      });
    }
  }

  give(thread: SqliteThread): void {
    if (this.threads.has(thread)) this.idle.push(thread);
    else void thread.close();
    this.waiting.shift()?.();
  }

  /** The file is another one: what reads the old one ends when it is given back. */
  reset(): void {
    for (const thread of this.idle) void thread.close();
    this.idle = [];
    this.threads = new Set();
  }

  async close(): Promise<void> {
    const { idle } = this;
    this.idle = [];
    await Promise.all(idle.map((thread) => thread.close()));
  }

  private async start(): Promise<SqliteThread> {
    const thread = new SqliteThread();
    this.threads.add(thread);
    try {
      await thread.open({ file: this.file, readonly: true, pragmas: ['busy_timeout = 2000', 'cache_size = -4000'] });
      return thread;
    } catch (error) {
      this.threads.delete(thread);
      await thread.close();
      throw error;
    }
  }
}

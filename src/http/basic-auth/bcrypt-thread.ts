import { Worker } from 'node:worker_threads';

/** What the thread runs: a text, because it must be JavaScript before the build as well as after it. */
const THREAD = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { compareSync } = require(workerData);
  parentPort.on('message', ({ id, password, hash }) => {
    parentPort.postMessage({ id, matches: compareSync(password, hash) });
  });
`;

interface Waiting {
  readonly resolve: (matches: boolean) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * bcrypt costs some 100 ms of computing on purpose. In a thread of its own that delays no event from coturn and no
 * scrape, however many wrong passwords come; they are compared one after the other. It starts with the first of them.
 */
export class BcryptThread {
  private worker: Worker | undefined;
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;

  compare(password: string, hash: string): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const id = ++this.lastId;
      this.waiting.set(id, { resolve, reject });
      this.worker ??= this.startWorker();
      this.worker.postMessage({ id, password, hash });
    });
  }

  async stop(): Promise<void> {
    await this.worker?.terminate();
  }

  private startWorker(): Worker {
    const worker = new Worker(THREAD, {
      eval: true,
      workerData: require.resolve('bcryptjs'),
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 8 },
    });
    worker.on('message', ({ id, matches }: { id: number; matches: boolean }) => {
      this.waiting.get(id)?.resolve(matches);
      this.waiting.delete(id);
    });
    let cause: unknown = new Error('the bcrypt thread ended');
    worker.on('error', (error) => {
      cause = error;
    });
    worker.on('exit', () => {
      this.fail(cause);
    });
    worker.unref();
    return worker;
  }

  private fail(error: unknown): void {
    this.worker = undefined;
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }
}

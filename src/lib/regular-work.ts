import type { Clock } from './clock';

/** Work that is done again and again, one time after the other, until it is stopped. */
export class RegularWork {
  private readonly ended = new AbortController();
  private working: Promise<void> = Promise.resolve();

  /** Aborts when it is stopped. */
  get signal(): AbortSignal {
    return this.ended.signal;
  }

  /** `everyMs`: from the end of one time to the beginning of the next. `onError` is told what `work` rejects with. */
  start(clock: Clock, everyMs: number, work: () => Promise<void>, onError: (error: unknown) => void): void {
    clock.every(everyMs, () => (this.working = work()), this.signal, onError);
  }

  /** Resolves when what was under way is done. Never rejects. */
  async stop(): Promise<void> {
    this.ended.abort();
    await this.working.catch(() => undefined);
  }
}

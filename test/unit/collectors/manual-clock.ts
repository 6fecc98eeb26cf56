import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../../src/lib/clock';

/** Time stands still until a test moves it. */
export class ManualClock implements Clock {
  private time = 0;
  private readonly sleepers = new Set<{ until: number; wake: () => void }>();

  now = (): number => this.time;
  monotonic = (): number => this.time;

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const sleeper = { until: this.time + ms, wake: resolve };
      this.sleepers.add(sleeper);
      signal?.addEventListener('abort', () => {
        this.sleepers.delete(sleeper);
        reject(signal.reason as Error);
      });
    });
  }

  every(ms: number, task: () => void | Promise<void>, signal: AbortSignal, onError: (error: unknown) => void): void {
    void this.sleep(ms, signal)
      .then(task)
      .catch((error: unknown) => {
        if (!signal.aborted) onError(error);
      })
      .then(() => {
        if (!signal.aborted) this.every(ms, task, signal, onError);
      });
  }

  /** How many are asleep. */
  get waiting(): number {
    return this.sleepers.size;
  }

  /** Lets `ms` pass, and what wakes up by that run until it waits for something else. */
  async advance(ms: number): Promise<void> {
    await setImmediate();
    this.time += ms;
    for (const sleeper of [...this.sleepers]) {
      if (sleeper.until > this.time) continue;
      this.sleepers.delete(sleeper);
      sleeper.wake();
    }
    await setImmediate();
  }
}

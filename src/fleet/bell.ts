import type { Clock } from '../lib/clock';

/** Wakes who waits for it; one ring is enough for whatever has happened until they wait again. */
export class Bell {
  private hasRung = false;
  private wake: () => void = () => undefined;

  ring(): void {
    this.hasRung = true;
    this.wake();
  }

  /** Resolves when it rings, or has rung since the last time, and after `ms` at the latest; rejects when the signal aborts. */
  async wait(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
    const rung = new AbortController();
    this.wake = () => {
      rung.abort();
    };
    try {
      if (!this.hasRung) await clock.sleep(ms, AbortSignal.any([rung.signal, signal]));
    } catch {
      // It has rung, or the signal has aborted.
    }
    signal.throwIfAborted();
    this.hasRung = false;
  }
}

import type { Clock } from '../lib/clock';

/** Runs the task with a signal that aborts after `ms`; the task's outcome is the outcome. */
export async function within<T>(clock: Clock, ms: number, task: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const late = new AbortController();
  const over = new AbortController();
  clock.sleep(ms, over.signal).then(
    () => {
      late.abort(new Error(`it took more than ${ms} ms`));
    },
    () => undefined,
  );
  try {
    return await task(late.signal);
  } finally {
    over.abort();
  }
}

/** Asks every few milliseconds until it is so, at most for `ms`; the value is the last answer. */
export async function until(
  condition: () => boolean,
  clock: Clock,
  ms: number,
  signal?: AbortSignal,
): Promise<boolean> {
  const end = clock.monotonic() + ms;
  while (!condition()) {
    if (clock.monotonic() >= end) return false;
    await clock.sleep(POLL_MS, signal);
  }
  return true;
}

const POLL_MS = 10;

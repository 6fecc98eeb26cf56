/** Everything that reads the time or waits asks a Clock, so that tests own time. */
export interface Clock {
  /** Wall clock, milliseconds since the Unix epoch. */
  now(): number;
  /** Never steps; milliseconds since the machine booted, the same in every process (CLOCK_MONOTONIC). */
  monotonic(): number;
  /** Resolves after `ms`, or rejects with the signal's reason as soon as it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `task` after each `ms`, never overlapping itself, until `signal` aborts. A rejected task goes to `onError`. */
  every(ms: number, task: () => void | Promise<void>, signal: AbortSignal, onError: (error: unknown) => void): void;
}

/** `performance.now()` counts from the start of the process, and costs less than `hrtime.bigint()`. */
const PROCESS_START_MS = Number(process.hrtime.bigint()) / 1e6 - performance.now();

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => PROCESS_START_MS + performance.now(),
  sleep,
  every(ms, task, signal, onError) {
    void repeat(ms, task, signal, onError);
  },
};

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason as Error);
      return;
    }
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

async function repeat(
  ms: number,
  task: () => void | Promise<void>,
  signal: AbortSignal,
  onError: (error: unknown) => void,
): Promise<void> {
  const ended = (): boolean => signal.aborted;
  while (!ended()) {
    try {
      await sleep(ms, signal);
      await task();
    } catch (error) {
      if (!ended()) onError(error);
    }
  }
}

const MINUTE_MS = 60_000;
/** The first Monday of the Unix epoch, so that weeks begin on Mondays. */
const MONDAY_MS = 4 * 86_400_000;

export interface Schedule {
  readonly everyMs: number;
  /** After midnight UTC. */
  readonly atMs: number;
}

/** `at` is `08:00`, in UTC. */
export function scheduleOf({ every, at }: { readonly every: number; readonly at: string }): Schedule {
  const [hours, minutes] = at.split(':').map(Number);
  return { everyMs: every * 1000, atMs: ((hours ?? 0) * 60 + (minutes ?? 0)) * MINUTE_MS };
}

/** When the last period ended, at or before `now`; both are milliseconds since the epoch. */
export function lastPeriodEnd(now: number, { everyMs, atMs }: Schedule): number {
  const first = MONDAY_MS + atMs;
  return first + Math.floor((now - first) / everyMs) * everyMs;
}

const FIRST_RETRY_MS = MINUTE_MS;
const MAX_RETRY_MS = 60 * MINUTE_MS;

/** How long to wait after so many failures in a row, milliseconds: a minute, then twice as long up to an hour. */
export function retryDelay(failures: number): number {
  return Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1));
}

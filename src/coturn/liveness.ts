/** What is known of a coturn's life. Times are monotonic milliseconds. */
export interface Signs {
  readonly watchedSince: number;
  readonly lastAnswer: number | undefined;
  readonly lastHeartbeat: number | undefined;
  /** STUN checks since the last answer, all of them in vain. */
  readonly failedChecks: number;
}

export type Verdict = 'up' | 'silent' | 'unresponsive';

const CHECK_EVERY_MS = 5000;
const CHECK_TIMEOUT_MS = 2000;
/** The clock goes on while the agent itself is stopped or starved: one late answer then proves nothing. */
const LEAST_FAILED_CHECKS = 2;

/** `unresponsive`: neither STUN answer nor heartbeat for `unresponsiveAfterMs`; such a coturn is to be killed. */
export function judge(signs: Signs, now: number, unresponsiveAfterMs: number): Verdict {
  if (signs.failedChecks === 0) return 'up';
  const lastSign = Math.max(signs.watchedSince, signs.lastAnswer ?? -Infinity, signs.lastHeartbeat ?? -Infinity);
  const overdue = signs.failedChecks >= LEAST_FAILED_CHECKS && now - lastSign >= unresponsiveAfterMs;
  return overdue ? 'unresponsive' : 'silent';
}

/** How often to check and how long to wait for the answer, milliseconds: three checks fit into `unresponsiveAfterMs`. */
export function checkTimes(unresponsiveAfterMs: number): { readonly everyMs: number; readonly timeoutMs: number } {
  const everyMs = Math.max(100, Math.min(CHECK_EVERY_MS, unresponsiveAfterMs / 3));
  return { everyMs, timeoutMs: Math.min(CHECK_TIMEOUT_MS, everyMs) };
}

const HEALTHY_AFTER_MS = 60_000;
const FIRST_BACKOFF_MS = 500;
export const MAX_BACKOFF_MS = 30_000;

/**
 * How long to wait before the next start, milliseconds: nothing after the first death, then twice as long each time up
 * to 30 s, of which a random half is taken off so that a fleet that fell together does not rise together.
 * @param failures starts tried since coturn was last healthy
 * @param random 0 to 1
 */
export function restartDelay(failures: number, random: number): number {
  if (failures === 0) return 0;
  const backoff = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (failures - 1));
  return backoff * (0.5 + random / 2);
}

/** What of `failures` still counts after a life that answered for `upForMs` (0: it never did). */
export function failuresAfterLife(failures: number, upForMs: number): number {
  return upForMs >= HEALTHY_AFTER_MS ? 0 : failures;
}

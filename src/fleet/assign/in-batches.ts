const BATCH = 64;

/** Some at a time: thousands of requests at once would stand in the way of one that somebody waits for. */
export async function inBatches<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  for (let at = 0; at < all.length; at += BATCH) await Promise.all(all.slice(at, at + BATCH).map(work));
}

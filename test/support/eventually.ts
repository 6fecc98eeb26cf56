const EVERY_MS = 10;

/** Waits until the condition holds; throws, with `what` was waited for, when it does not within `ms`. What it throws meanwhile counts as no. */
export async function eventually(
  what: string,
  condition: () => boolean | Promise<boolean>,
  ms = 15_000,
): Promise<void> {
  const end = performance.now() + ms;
  for (;;) {
    const failure = await tried(condition);
    if (failure === undefined) return;
    if (performance.now() > end) throw new Error(`did not happen within ${ms} ms: ${what}`, { cause: failure });
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}

/** undefined where the condition holds. */
async function tried(condition: () => boolean | Promise<boolean>): Promise<unknown> {
  try {
    return (await condition()) ? undefined : 'no';
  } catch (error) {
    return error ?? 'no';
  }
}

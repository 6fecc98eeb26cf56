import { setTimeout as sleep } from 'node:timers/promises';
import type { StreamOptions } from './coturn-stream';
import type { Sender } from './sender';

/** What is sent at one moment. */
export interface Step {
  /** Since the start of the first, milliseconds. */
  readonly atMs: number;
  readonly stream: StreamOptions;
}

/** Sends each when it is due, or as soon as the one before is answered; resolves when the last is. */
export async function sendInTime(sender: Sender, steps: readonly Step[]): Promise<void> {
  const began = performance.now();
  for (const { atMs, stream } of steps) {
    await sleep(Math.max(0, began + atMs - performance.now()));
    await sender.send(stream);
  }
}

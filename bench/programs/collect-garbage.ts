/** Loaded into the agent before it starts (`--expose-gc --require`): collects its garbage whenever it is asked to. */
import { setTimeout as sleep } from 'node:timers/promises';

/** What one collection finalizes, the next one frees. */
const COLLECTIONS = 3;

async function collect(): Promise<void> {
  for (let i = 0; i < COLLECTIONS; i++) {
    (globalThis as { gc?: () => void }).gc?.();
    await sleep(10);
  }
}

process.on('message', () => {
  void collect().then(() => process.send?.('collected'));
});

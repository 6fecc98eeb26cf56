/** Loaded into the agent before it starts (`--require`): collects its garbage whenever it is asked to. */
import { Session } from 'node:inspector/promises';

const session = new Session();

/**
 * As V8 does by itself in a process at rest, at some time within half a minute: the young generation, which a busy time
 * made large (up to 33 MB, with nothing in it), is made small again. The `gc()` of `--expose-gc` leaves that to chance.
 */
async function collect(): Promise<void> {
  session.connect();
  await session.post('HeapProfiler.enable');
  await session.post('HeapProfiler.collectGarbage');
  session.disconnect();
}

process.on('message', () => {
  void collect().then(() => process.send?.('collected'));
});

import type { Clock } from '../lib/clock';
import type { ApiClient } from './client/api-client';
import { drainSentence, drainStatus, type DrainStatus } from './drain-status';
import { CLEAR_LINE } from './output/progress';
import { shorten } from './text/width';
import { USUAL_COLUMNS, type Terminal } from './terminal';

const LOOK_MS = 500;
/** Into a log, where nothing is drawn over. */
const SAY_MS = 10_000;

/** Says how far the drain is until it is over: drained, undone, or past what this agent can do. Rejects when `signal` aborts. */
export async function watchDrain(
  client: ApiClient,
  terminal: Terminal,
  clock: Clock,
  signal: AbortSignal,
): Promise<DrainStatus> {
  const say = terminal.watched ? redrawing(terminal) : everySoOften(terminal, clock);
  try {
    for (;;) {
      const status = await client.get('/-/drain', drainStatus);
      if (isOver(status)) return status;
      say(status);
      await clock.sleep(LOOK_MS, signal);
    }
  } finally {
    if (terminal.watched) terminal.stderr(CLEAR_LINE);
  }
}

function isOver({ state }: DrainStatus): boolean {
  return state !== 'draining' && state !== 'ending';
}

function redrawing({ stderr, columns = USUAL_COLUMNS }: Terminal): (status: DrainStatus) => void {
  return (status) => {
    stderr(`${CLEAR_LINE}${shorten(drainSentence(status), columns - 1)}`);
  };
}

function everySoOften({ stderr }: Terminal, clock: Clock): (status: DrainStatus) => void {
  let last: { readonly state: string; readonly at: number } | undefined;
  return (status) => {
    const at = clock.monotonic();
    if (last?.state === status.state && at - last.at < SAY_MS) return;
    last = { state: status.state, at };
    stderr(`${drainSentence(status)}\n`);
  };
}

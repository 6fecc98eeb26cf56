import type { Clock } from '../lib/clock';
import { messageOf, UserError } from '../lib/errors';
import type { Logger } from '../lib/logger';
import type { AdminAccess } from './telnet-admin';
import { withAdmin } from './with-admin';
import { until, within } from './within';

export interface SessionEnding {
  readonly admin: AdminAccess;
  /** Allocations whose totals coturn has not told yet. */
  readonly open: () => readonly string[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timeoutMs: number;
}

/** An allocation is seen by coturn's admin thread and on the stats connection a moment after its relay thread made it. */
const SETTLE_MS = 50;
const ASK_AGAIN_MS = 500;

/**
 * Makes coturn take no new sessions and ends every one that it has, so that it tells the totals of each. Resolves with
 * whether none was left; never rejects, because what comes after it is a kill.
 */
export async function endEverySession(ending: SessionEnding): Promise<boolean> {
  try {
    await within(ending.clock, ending.timeoutMs, (signal) => refuseAndEnd(ending, signal));
    return true;
  } catch (error) {
    const open = ending.open().length;
    ending.logger.warn({ open, why: messageOf(error) }, 'coturn is stopped before every session was ended exactly');
    return false;
  }
}

async function refuseAndEnd(ending: SessionEnding, signal: AbortSignal): Promise<void> {
  const { admin: access, clock, open } = ending;
  await withAdmin(access, clock, signal, (admin) => admin.refuseAllocations());
  await clock.sleep(SETTLE_MS, signal);
  await withAdmin(access, clock, signal, async (admin) => {
    for (;;) {
      const listed = (await admin.sessions()).sessions.map(({ id }) => id);
      const ids = new Set([...listed, ...open()]);
      if (ids.size === 0) return;
      await admin.cancel([...ids]);
      await until(() => open().length === 0, clock, ASK_AGAIN_MS, signal);
    }
  });
}

/**
 * Ends these allocations, and resolves with those whose totals have not come in time. Throws UserError `unavailable`
 * when coturn can't be told.
 */
export async function endSessions(ids: readonly string[], ending: SessionEnding): Promise<readonly string[]> {
  const wanted = new Set(ids.filter((id) => /^\d{18}$/.test(id)));
  const open = (): string[] => ending.open().filter((id) => wanted.has(id));
  try {
    await within(ending.clock, ending.timeoutMs, (signal) =>
      withAdmin(ending.admin, ending.clock, signal, (admin) => admin.cancel([...wanted])),
    );
  } catch (error) {
    throw new UserError('unavailable', 'coturn could not be told to end sessions: try again.', { cause: error });
  }
  await until(() => open().length === 0, ending.clock, ending.timeoutMs);
  return open();
}

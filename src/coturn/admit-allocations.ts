import type { Clock } from '../lib/clock';
import { UserError } from '../lib/errors';
import type { CoturnSettings } from './settings';
import type { AdminAccess } from './telnet-admin';
import { withAdmin } from './with-admin';
import { within } from './within';

/**
 * With both on, coturn refuses every new allocation (442), and goes on with those that it has: it looks at them in
 * `handle_turn_allocate` alone (4.5.2, 4.6.1, 4.17.1). They can be turned off again, and coturn keeps running. The drain
 * of newer coturns (SIGUSR1, from 4.6.3) can't be taken back, and ends coturn; before 4.6.3 that signal kills it.
 */
const RELAY_FLAGS = ['no-udp-relay', 'no-tcp-relay'] as const;

const LIMIT_MS = 3000;

/** Has coturn take new allocations, or refuse them. Throws UserError `unavailable` when it can't be told. */
export async function admitAllocations(
  access: AdminAccess,
  admitted: boolean,
  { extra }: Pick<CoturnSettings, 'extra'>,
  clock: Clock,
): Promise<void> {
  // What the configuration refuses for good stays refused.
  const flags = RELAY_FLAGS.filter((flag) => extra[flag] === undefined || extra[flag] === false);
  const task = (late: AbortSignal): Promise<void> =>
    withAdmin(access, clock, late, async (admin) => {
      for (const flag of flags) await admin.set(flag, !admitted);
    });
  try {
    await within(clock, LIMIT_MS, task);
  } catch (error) {
    const message = 'coturn could not be told whether to take new allocations: try again.';
    throw new UserError('unavailable', message, { cause: error });
  }
}

import type { Clock } from '../lib/clock';
import { TelnetAdmin, type AdminAccess } from './telnet-admin';
import { within } from './within';

/** A hung coturn takes the connection and says nothing. */
const LOGIN_MS = 2000;

/** Runs the task with a session on coturn's admin interface. Rejects when there is none to be had, or `signal` aborts. */
export async function withAdmin<T>(
  access: AdminAccess,
  clock: Clock,
  signal: AbortSignal,
  task: (admin: TelnetAdmin) => Promise<T>,
): Promise<T> {
  const admin = await within(clock, LOGIN_MS, (late) => TelnetAdmin.open(access, AbortSignal.any([signal, late])));
  try {
    return await task(admin);
  } finally {
    admin.close();
  }
}

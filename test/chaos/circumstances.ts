import type { ClientAccount } from './chaos-client';
import type { Away } from './stage';

/** What befell the relay and the agent while a client was there. */
export interface Circumstances {
  /** coturn was killed while the client had something open; `unsure`: at about the time of its end. */
  readonly killed: 'yes' | 'no' | 'unsure';
  /** coturn was stopped on purpose. */
  readonly stopped: boolean;
  /** The agent or its stats connection was away: something may have been told to nobody. */
  readonly away: boolean;
  /** The disk was full: coturn's log may lack lines. */
  readonly logDamaged: boolean;
}

/** How much of a beginning is at the same time as something else, milliseconds. */
const UNSURE_MS = 250;
/**
 * How long coturn takes to let go of an allocation when the client is done with it: it looks once a second for those
 * whose lifetime has passed, which one that was given back has as well. Who lets them expire waits longer itself.
 */
const END_UNSURE_MS = { expire: 4_000, refresh: 2_000, close: 1_000, cut: 0, refused: 0 } as const;

export function circumstancesOf(account: ClientAccount, away: Away): Circumstances {
  const from = account.startedAt;
  // coturn tells of its end when that is over.
  const to = account.endedAt + END_UNSURE_MS[account.outcome];
  return {
    killed: killedDuring(account, away),
    stopped: away.stopped.touch(from, to),
    away: away.agent.touch(from, to) || away.stats.touch(from, to),
    logDamaged: away.disk.touch(from, to),
  };
}

function killedDuring({ startedAt, endedAt, outcome }: ClientAccount, { killed }: Away): Circumstances['killed'] {
  const lastUntil = endedAt + Math.max(UNSURE_MS, outcome === 'expire' ? 0 : END_UNSURE_MS[outcome]);
  if (!killed.touch(startedAt - UNSURE_MS, lastUntil)) return 'no';
  const sureUntil = endedAt - END_UNSURE_MS[outcome];
  return killed.touch(startedAt + UNSURE_MS, sureUntil) ? 'yes' : 'unsure';
}

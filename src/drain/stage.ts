/**
 * How far a drain is: `draining`, it waits for what is open to end; `ending`, its deadline has come and the agent ends the
 * rest; `overdue`, it has come and the agent can't, since somebody else runs coturn; `drained`, nothing is left.
 */
export type Stage = 'draining' | 'ending' | 'overdue' | 'drained';

export interface Situation {
  /** Open allocations. */
  readonly allocations: number;
  /** All that was allocated before coturn began to refuse has been heard of. */
  readonly isSettled: boolean;
  /** Milliseconds of one clock. */
  readonly now: number;
  readonly deadline: number;
  /** Whether the agent can end allocations. */
  readonly isOwn: boolean;
}

export function stageOf({ allocations, isSettled, now, deadline, isOwn }: Situation): Stage {
  if (allocations === 0 && isSettled) return 'drained';
  if (now < deadline) return 'draining';
  return isOwn ? 'ending' : 'overdue';
}

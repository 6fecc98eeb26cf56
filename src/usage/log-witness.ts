import type { LogPosition } from '../coturn/log-place';
import type { LogLife } from './log-lives';

/** What a later run of the agent needs to go on; JSON. */
export interface LogWitness {
  readonly position: LogPosition | undefined;
  readonly settled: readonly (readonly [life: number, high: number, low: number])[];
  readonly lives: readonly Omit<LogLife, 'gap' | 'kept'>[];
}

/** What was kept, where it is this; another source of events may have been configured before, and kept something else. */
export function logWitnessIn(kept: unknown): LogWitness | undefined {
  return typeof kept === 'object' && kept !== null && 'lives' in kept ? (kept as LogWitness) : undefined;
}

import type { LogPosition } from '../coturn/log-place';
import type { LogLife } from './log-lives';

/** What a later run of the agent needs to go on; JSON. */
export interface LogWitness {
  readonly position: LogPosition | undefined;
  readonly settled: readonly (readonly [life: number, high: number, low: number])[];
  readonly lives: readonly Omit<LogLife, 'gap' | 'kept'>[];
}

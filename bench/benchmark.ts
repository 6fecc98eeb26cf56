import type { Stage } from './support/stage';

export type Goal = { readonly atLeast: number } | { readonly atMost: number };

/** What a benchmark found out. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  /** What stands behind the value: `x`, `ms`, `MB`. */
  readonly unit: string;
  /** Absent: for information. */
  readonly goal?: Goal;
  /** The numbers that it comes from, for people. */
  readonly raw: string;
}

export interface Benchmark {
  /** What chooses it on the command line. */
  readonly name: string;
  readonly about: string;
  /** Throws where what it measures did not do its work: then there is no figure. */
  run(stage: Stage): Promise<readonly Figure[]>;
}

export function isMet(value: number, goal: Goal): boolean {
  return 'atLeast' in goal ? value >= goal.atLeast : value <= goal.atMost;
}

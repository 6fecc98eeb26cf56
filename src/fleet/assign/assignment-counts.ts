import { Histogram } from '../../turn/histogram';

/**
 * `kept`: the task had its relay; `region`, `nearest`, `any`: it got one, by that; `no_relay`: none would do;
 * `unavailable`: the fleet was not known, or there were too many reservations.
 */
const OUTCOMES = ['kept', 'region', 'nearest', 'any', 'no_relay', 'unavailable'] as const;
export type Outcome = (typeof OUTCOMES)[number];

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];

export interface AssignmentCounts {
  readonly outcomes: Record<Outcome, number>;
  /** Seconds that a choice took, with what ZooKeeper took. */
  readonly duration: Histogram;
}

export function createAssignmentCounts(): AssignmentCounts {
  const outcomes = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0])) as Record<Outcome, number>;
  return { outcomes, duration: new Histogram(SECONDS) };
}

import type { Assignments } from '../fleet/assign/assignments';
import { byLabel, histogramSamples, type Collector } from './collector';

/** The relays that this agent sent calls to, and what it keeps reserved for them. */
export function assignmentsCollector(assignments: Pick<Assignments, 'counts' | 'reservations'>): Collector {
  const { outcomes, duration } = assignments.counts;
  return {
    name: 'assignments',
    collect() {
      const { shared, unshared } = assignments.reservations;
      return [
        byLabel(
          'counter',
          'coturn_assignments_total',
          'Relays asked for: kept (the task had one), region, nearest, any (by that it got one), no_relay (none would do), unavailable (the fleet is not known well enough, or too much is reserved).',
          'outcome',
          outcomes,
        ),
        byLabel(
          'gauge',
          'coturn_assignment_reservations',
          'Tasks that keep their relay, as this agent knows, by whether the other agents know of it: true or false.',
          'shared',
          { true: shared, false: unshared },
        ),
        {
          name: 'coturn_assignment_duration_seconds',
          help: 'How long it took to choose a relay, with what ZooKeeper took, in seconds.',
          type: 'histogram',
          samples: histogramSamples(duration),
        },
      ];
    },
  };
}

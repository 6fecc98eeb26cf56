import type { Row } from './panel';
import { perSecond, quantile, RELAYS, share } from './promql';

const PAIR = ['from', 'to'];
const lost = perSecond('coturn_fleet_probes_total', PAIR.join(', '), `${RELAYS},outcome="lost"`);

/** Which relay is given to whom, and how far the regions are from each other. */
export const assignments: Row = {
  title: 'Assignments and distances',
  panels: [
    {
      kind: 'graph',
      title: 'Assignments',
      description:
        'Relays asked for. kept: the task had one; region, nearest, any: by that it got one; no_relay: none would do; unavailable: the fleet is not known well enough.',
      width: 8,
      unit: 'ops',
      queries: [{ expr: perSecond('coturn_assignments_total', 'outcome'), legend: '{{outcome}}' }],
    },
    {
      kind: 'graph',
      title: 'Reservations',
      description:
        'Tasks that keep their relay. shared false: the other agents do not know of them, ZooKeeper is away.',
      width: 8,
      unit: 'short',
      queries: [{ expr: `max by (shared) (coturn_assignment_reservations{${RELAYS}})`, legend: 'shared {{shared}}' }],
    },
    {
      kind: 'graph',
      title: 'Time to choose',
      description: 'How long it took to choose a relay, with what ZooKeeper took.',
      width: 8,
      unit: 's',
      queries: [
        { expr: quantile(0.5, 'coturn_assignment_duration_seconds', []), legend: 'median' },
        { expr: quantile(0.99, 'coturn_assignment_duration_seconds', []), legend: '99th percentile' },
      ],
    },
    {
      kind: 'graph',
      title: 'Round trips between regions',
      description: "Median of STUN Bindings from agents to other relays' TURN ports.",
      width: 12,
      unit: 's',
      queries: [{ expr: quantile(0.5, 'coturn_fleet_round_trip_seconds', PAIR), legend: '{{from}} to {{to}}' }],
    },
    {
      kind: 'graph',
      title: 'Bindings lost between regions',
      description: 'Part of the STUN Bindings to other relays that had no answer within 2 s.',
      width: 12,
      unit: 'percentunit',
      max: 1,
      thresholds: [['green'], ['orange', 0.05], ['red', 0.5]],
      queries: [
        {
          expr: share(lost, perSecond('coturn_fleet_probes_total', PAIR.join(', '))),
          legend: '{{from}} to {{to}}',
        },
      ],
    },
  ],
};

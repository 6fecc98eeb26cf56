import { assignments } from './assignments';
import { UP } from './meanings';
import type { Column, DashboardPlan, Panel } from './panel';
import { perRelay, perSecond, REALMS, RELAYS, share, sum } from './promql';

const FREE = `min by (instance) (coturn_network_free_mbps{${RELAYS}})`;
const LOAD = `max by (instance) (1 - coturn_network_free_bytes_per_second{${RELAYS}} / coturn_network_capacity_bytes_per_second{${RELAYS}})`;
const PORTS = share(perRelay('coturn_relay_ports_used'), perRelay('coturn_relay_ports_limit'));
const RESTARTS = `sum by (instance) (increase(coturn_restarts_total{${RELAYS},reason!="requested"}[1d]))`;
const ALERTS = `sum(ALERTS{${RELAYS},alertstate="firing"}) or vector(0)`;

const now: readonly Panel[] = [
  {
    kind: 'figure',
    title: 'Relays up',
    description: 'Relays whose coturn answers, and all whose agent is scraped.',
    width: 4,
    unit: 'short',
    queries: [
      { expr: sum('coturn_up'), legend: 'up' },
      { expr: `count(coturn_up{${RELAYS}})`, legend: 'all' },
    ],
  },
  {
    kind: 'figure',
    title: 'Agents not scraped',
    description: 'Targets that Prometheus could not scrape: the agent or its whole machine is down, or out of reach.',
    width: 4,
    unit: 'short',
    thresholds: [['green'], ['red', 1]],
    queries: [{ expr: `count(up{${RELAYS}} == 0) or vector(0)`, legend: 'not scraped' }],
  },
  {
    kind: 'figure',
    title: 'Alerts',
    description:
      "Alerts that fire for these relays. The link above leads to Grafana's list, their runbook says what to do.",
    width: 4,
    unit: 'short',
    thresholds: [['green'], ['red', 1]],
    queries: [{ expr: ALERTS, legend: 'firing' }],
  },
  {
    kind: 'figure',
    title: 'Draining',
    description: 'Relays that take no new allocations until those open are gone.',
    width: 4,
    unit: 'short',
    thresholds: [['green'], ['blue', 1]],
    queries: [{ expr: sum('coturn_draining'), legend: 'draining' }],
  },
  {
    kind: 'figure',
    title: 'Sessions',
    description:
      "Sessions open now, and the users that have them. A session is a user's allocations that belong together.",
    width: 4,
    unit: 'short',
    queries: [
      { expr: sum('coturn_sessions', REALMS), legend: 'sessions' },
      { expr: sum('coturn_users', REALMS), legend: 'users' },
    ],
  },
  {
    kind: 'figure',
    title: 'Free',
    description:
      'Free capacity of all relays together; of a relay with several network devices the one with the least.',
    width: 4,
    unit: 'Mbits',
    thresholds: [['red'], ['orange', 100], ['green', 300]],
    queries: [{ expr: `sum(${FREE})`, legend: 'free' }],
  },
];

const columns: readonly Column[] = [
  { name: 'coturn', expr: `max by (instance) (coturn_up{${RELAYS}})`, meaning: UP },
  {
    name: 'Draining',
    expr: `max by (instance) (coturn_draining{${RELAYS}})`,
    meaning: { 0: { text: 'no', color: 'text' }, 1: { text: 'draining', color: 'blue' } },
  },
  { name: 'Free', expr: FREE, unit: 'Mbits', thresholds: [['red'], ['orange', 50], ['green', 150]] },
  { name: 'Load', expr: LOAD, unit: 'percentunit', thresholds: [['green'], ['orange', 0.7], ['red', 0.9]] },
  { name: 'Sessions', expr: perRelay('coturn_sessions', REALMS) },
  { name: 'Allocations', expr: perRelay('coturn_allocations', REALMS) },
  { name: 'Ports', expr: PORTS, unit: 'percentunit', thresholds: [['green'], ['orange', 0.7], ['red', 0.9]] },
  { name: 'Crashes, 24 h', expr: RESTARTS, thresholds: [['green'], ['orange', 0.5], ['red', 2.5]] },
  { name: 'Up for', expr: `time() - max by (instance) (coturn_start_time_seconds{${RELAYS}})`, unit: 's' },
  { name: 'coturn is', expr: `max by (instance, version) (coturn_info{${RELAYS}})`, label: 'version' },
  {
    name: 'Agent is',
    expr: `max by (instance, agent) (label_replace(turnkeeper_build_info{${RELAYS}}, "agent", "$1", "version", "(.+)"))`,
    label: 'agent',
  },
];

const relays: readonly Panel[] = [
  {
    kind: 'table',
    title: 'Relays',
    description: 'Every relay as it is now. Click on its name for its own dashboard.',
    width: 24,
    unit: 'short',
    columns,
  },
  {
    kind: 'timeline',
    title: 'coturn',
    description: 'Whether coturn answered STUN Binding requests.',
    width: 24,
    unit: 'short',
    meaning: UP,
    queries: [{ expr: `max by (instance) (coturn_up{${RELAYS}})`, legend: '{{instance}}' }],
  },
];

/** A panel with a line for each relay. */
function each(
  panel: Pick<Panel, 'title' | 'description' | 'unit' | 'thresholds'> & { max?: number },
  expr: string,
): Panel {
  return { kind: 'graph', width: 8, ...panel, linksToRelay: true, queries: [{ expr, legend: '{{instance}}' }] };
}

const room: readonly Panel[] = [
  each(
    {
      title: 'Free capacity',
      description: 'What the signalling servers go by: capacity less the larger of what comes in and goes out.',
      unit: 'Mbits',
    },
    FREE,
  ),
  each(
    {
      title: 'Load of the network',
      description: 'Used part of the capacity of the busiest network device.',
      unit: 'percentunit',
      max: 1,
      thresholds: [['green'], ['orange', 0.7], ['red', 0.9]],
    },
    LOAD,
  ),
  each(
    {
      title: 'Relay ports used',
      description: 'At 1 no allocation is granted any more (error 508).',
      unit: 'percentunit',
      max: 1,
      thresholds: [['green'], ['orange', 0.7], ['red', 0.9]],
    },
    PORTS,
  ),
  each(
    { title: 'Sessions', description: 'Sessions that are open, by relay.', unit: 'short' },
    perRelay('coturn_sessions', REALMS),
  ),
  each(
    {
      title: 'Relayed',
      description:
        'Traffic from and to peers together. coturn tells it every 4096 packets of an allocation and when it closes.',
      unit: 'bps',
    },
    `8 * (${perSecond('coturn_relay_peer_received_bytes_total', 'instance', REALMS)} + ${perSecond('coturn_relay_peer_sent_bytes_total', 'instance', REALMS)})`,
  ),
  each(
    {
      title: 'Allocations granted',
      description:
        'New allocations. A relay that gets none while the others do may be out of the registry or out of reach.',
      unit: 'ops',
    },
    perSecond('coturn_allocations_created_total', 'instance', REALMS),
  ),
];

const registry: readonly Panel[] = [
  {
    kind: 'graph',
    title: 'Relays in the registry',
    description: 'As the agent that knows most of them sees it. Empty without a registry.',
    width: 8,
    unit: 'short',
    queries: [{ expr: `max by (state) (coturn_registry_relays{${RELAYS}})`, legend: '{{state}}' }],
  },
  {
    kind: 'timeline',
    title: 'Registered',
    description: 'Whether the relay stands in ZooKeeper, where signalling servers find it. It leaves while it drains.',
    width: 8,
    unit: 'short',
    meaning: { 0: { text: 'no', color: 'orange' }, 1: { text: 'registered', color: 'green' } },
    queries: [{ expr: `max by (instance) (coturn_registry_registered{${RELAYS}})`, legend: '{{instance}}' }],
  },
  {
    kind: 'graph',
    title: 'Age of what is known of the fleet',
    description: 'Grows while an agent has lost ZooKeeper: it goes on with what it knew last.',
    width: 8,
    unit: 's',
    thresholds: [['green'], ['orange', 60], ['red', 300]],
    queries: [
      {
        expr: `time() - max by (instance) (coturn_registry_view_timestamp_seconds{${RELAYS}} > 0)`,
        legend: '{{instance}}',
      },
    ],
  },
];

/** Every relay. */
export const fleet: DashboardPlan = {
  uid: 'turnkeeper-fleet',
  title: 'turnkeeper / Fleet',
  description: 'Which relay has room, which one is down or draining, and what each of them runs.',
  of: 'many',
  rows: [
    { title: 'Now', panels: now },
    { title: 'Relays', panels: relays },
    { title: 'Room and load', panels: room },
    { title: 'Registry', panels: registry },
    assignments,
  ],
};

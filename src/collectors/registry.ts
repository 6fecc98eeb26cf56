import type { Fleet } from '../fleet/fleet';
import type { FleetRelay } from '../fleet/fleet-relay';
import { byLabel, single, type Collector, type MetricFamily } from './collector';

/** This relay's place in the registry, and the fleet as this agent sees it. */
export function registryCollector(fleet: Pick<Fleet, 'session' | 'registry' | 'view'>): Collector {
  return { name: 'registry', collect: () => [...ownFamilies(fleet), ...viewFamilies(fleet)] };
}

function ownFamilies({ session, registry }: Pick<Fleet, 'session' | 'registry'>): MetricFamily[] {
  const { standing, lastUpdateAt } = registry;
  const is = (kind: typeof standing.kind): number => (standing.kind === kind ? 1 : 0);
  return [
    single(
      'gauge',
      'coturn_registry_connected',
      'Whether the agent is connected to ZooKeeper: 1 or 0.',
      session.connection ? 1 : 0,
    ),
    single('gauge', 'coturn_registry_registered', 'Whether this relay is in the registry: 1 or 0.', is('registered')),
    single(
      'gauge',
      'coturn_registry_name_conflict',
      "Whether another agent uses this relay's name, so that this one is not in the registry: 1 or 0.",
      is('conflict'),
    ),
    single(
      'gauge',
      'coturn_registry_refused',
      'Whether ZooKeeper refuses this relay, for want of a right perhaps: 1 or 0.',
      is('refused'),
    ),
    single(
      'gauge',
      'coturn_registry_last_update_timestamp_seconds',
      'When this relay was last written to the registry, in seconds since the Unix epoch; 0: never.',
      (lastUpdateAt ?? 0) / 1000,
    ),
    single(
      'counter',
      'coturn_registry_sessions_expired_total',
      'ZooKeeper sessions that expired: times that the relay was not in the registry although the agent ran.',
      session.expired,
    ),
  ];
}

function viewFamilies({ view }: Pick<Fleet, 'view'>): MetricFamily[] {
  const relays = view.relays();
  const count = (is: (relay: FleetRelay['node']) => boolean): number => relays.filter(({ node }) => is(node)).length;
  return [
    byLabel(
      'gauge',
      'coturn_registry_relays',
      'Relays in the registry as this agent knows it; unreadable: nodes that are no relay.',
      'state',
      {
        ready: count(({ ready, draining }) => ready && !draining),
        draining: count(({ draining }) => draining),
        not_ready: count(({ ready, draining }) => !ready && !draining),
        unreadable: view.unreadable,
      },
    ),
    single(
      'gauge',
      'coturn_registry_view_timestamp_seconds',
      'The fleet is known as it was then, in seconds since the Unix epoch; 0: not yet.',
      (view.asOf ?? 0) / 1000,
    ),
  ];
}

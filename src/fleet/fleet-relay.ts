import type { RelayNode } from './relay-node';

/** A relay of the fleet. */
export interface FleetRelay {
  readonly server: string;
  readonly node: RelayNode;
  /** When it said so, milliseconds since the epoch by ZooKeeper's clock. */
  readonly updatedAt: number;
}

/** What is known of a name in the registry; without a node where its data make no sense. */
export type Known = Omit<FleetRelay, 'node'> & { readonly node: RelayNode | undefined };

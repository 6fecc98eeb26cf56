import type { FleetCalls } from '../../../src/http/relays';
import type { RelayNode } from '../../../src/fleet/relay-node';

export const NODE: RelayNode = {
  freeTraffic: 812.3,
  restAddr: '10.0.0.5:9642',
  region: 'kr',
  isps: ['skt', 'kt'],
  load: 0.19,
  allocations: 7,
  uris: ['turn:10.0.0.5:3478?transport=udp'],
  draining: false,
  ready: true,
  version: '0.1.0',
  updatedAt: '2026-11-21T08:00:00.000Z',
  roundTrips: {},
  reserved: {},
  secrets: [],
  agent: 'an agent',
};

/** A fleet that stands still, known just now unless `asOf` says otherwise. */
export function fleetOf(servers: readonly string[], changes: Partial<RelayNode> = {}, asOf?: number): FleetCalls {
  const node = { ...NODE, ...changes };
  const updatedAt = Date.UTC(2026, 10, 21, 8);
  const relays = servers.map((server) => ({ server, node, updatedAt }));
  return {
    server: 'turn1',
    session: { connection: asOf === undefined ? {} : undefined },
    view: { relays: () => relays, left: () => [], asOf: asOf ?? Date.now() },
  };
}

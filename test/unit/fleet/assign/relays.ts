import type { RelayNode } from '../../../../src/fleet/relay-node';
import type { Candidate } from '../../../../src/fleet/assign/candidate';

const NODE: RelayNode = {
  freeTraffic: 500,
  restAddr: '10.0.0.5:9642',
  isps: [],
  load: 0.5,
  allocations: 0,
  uris: ['turn:10.0.0.5:3478'],
  draining: false,
  ready: true,
  roundTrips: {},
  reserved: {},
  secrets: [],
};

/** A relay with room, for everybody. */
export function relay(server: string, changes: Partial<RelayNode> = {}, reservedMbps = 0): Candidate {
  return { server, node: { ...NODE, ...changes }, updatedAt: 0, reservedMbps };
}

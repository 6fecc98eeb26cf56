import type { FleetRelay } from '../fleet-relay';
import type { RelayNode } from '../relay-node';
import { roomOf, type Candidate } from './candidate';

/** Why a relay can't be used, each for a reason that may pass by itself or not. */
export type Unfit = 'draining' | 'not_ready' | 'no_uris' | 'other_secret' | 'isp' | 'no_room' | 'allocations';

export type RelayState = Pick<RelayNode, 'ready' | 'draining'>;

export interface FitnessRules {
  readonly minFreeMbps: number;
  readonly maxAllocations: number;
  /** How it is now: this agent's own as it is, which the registry hears of later, and not while ZooKeeper is away. */
  readonly stateOf: (relay: FleetRelay) => RelayState;
  /** Whether credentials for it can be made here. */
  readonly canIssueFor: (relay: FleetRelay) => boolean;
}

/** Why nobody can be sent there, whatever room it has; undefined where they can. */
export function unusable(
  relay: FleetRelay,
  { canIssueFor, stateOf }: Pick<FitnessRules, 'canIssueFor' | 'stateOf'>,
): Unfit | undefined {
  const { ready, draining } = stateOf(relay);
  if (draining) return 'draining';
  if (!ready) return 'not_ready';
  if (relay.node.uris.length === 0) return 'no_uris';
  return canIssueFor(relay) ? undefined : 'other_secret';
}

/** Why a client of this ISP can't be sent there now; undefined where it can. */
export function unfit(candidate: Candidate, isp: string | undefined, rules: FitnessRules): Unfit | undefined {
  const { isps, allocations } = candidate.node;
  const first = unusable(candidate, rules);
  if (first) return first;
  // As in the Open WebRTC Toolkit: a client of an unknown ISP is nobody's but those relays' that are everybody's.
  if (isps.length > 0 && !(isp !== undefined && isps.includes(isp))) return 'isp';
  if (roomOf(candidate) < rules.minFreeMbps) return 'no_room';
  return (allocations ?? 0) >= rules.maxAllocations ? 'allocations' : undefined;
}

/** The reason as a sentence. */
export function unfitSentence(
  why: Unfit,
  candidate: Candidate,
  isp: string | undefined,
  { minFreeMbps, maxAllocations }: FitnessRules,
): string {
  const { node, reservedMbps } = candidate;
  switch (why) {
    case 'draining':
      return 'It is draining.';
    case 'not_ready':
      return 'Its coturn does not answer.';
    case 'no_uris':
      return 'It does not say where clients reach it.';
    case 'other_secret':
      return 'Its credentials can not be made here: give both the same credentials.secret, or one user database.';
    case 'isp':
      return `It is for clients of ${node.isps.join(', ')} alone; the call is of ${isp ?? 'an ISP that was not named'}.`;
    case 'no_room': {
      const free = `${node.freeTraffic.toFixed(1)} Mbps free`;
      // More may be reserved than is free: what came since has taken it.
      const promised = reservedMbps > 0 ? `, and ${reservedMbps.toFixed(1)} reserved` : '';
      return `It has ${free}${promised}; ${minFreeMbps} must be left (registry.assign.minFreeMbps).`;
    }
    case 'allocations':
      return `It has ${node.allocations ?? 0} allocations open, and may have ${maxAllocations} (registry.assign.maxAllocations).`;
  }
}

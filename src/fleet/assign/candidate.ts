import type { FleetRelay } from '../fleet-relay';

/** A relay, and how much of its room is promised already. */
export interface Candidate extends FleetRelay {
  /** Megabits per second of reservations whose traffic does not show yet. */
  readonly reservedMbps: number;
}

/** Megabits per second that nobody uses, or was promised. */
export function roomOf({ node, reservedMbps }: Candidate): number {
  return node.freeTraffic - reservedMbps;
}

/** The used part of its capacity, with what is reserved; 1 where it is not known, so that such a one comes last. */
export function loadOf({ node, reservedMbps }: Candidate): number {
  const { load = 1, freeTraffic } = node;
  // The capacity is freeTraffic / (1 - load). Without reservations it is the load itself, to the last bit.
  return reservedMbps === 0 || freeTraffic === 0 ? load : load + (reservedMbps * (1 - load)) / freeTraffic;
}

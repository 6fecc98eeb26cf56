import type { FleetRelay } from '../fleet-relay';
import type { Candidate } from './candidate';

/** Those of the relays that would do which are preferred, and by what; none where none would do. */
export type Preferred = { readonly candidates: readonly Candidate[] } & (
  | { readonly by: 'region'; readonly region: string }
  /** The nearest by measured round trips, milliseconds. */
  | { readonly by: 'nearest'; readonly region: string; readonly ms: number }
  | { readonly by: 'any' }
);

/**
 * Relays of the wanted region, else those of the region nearest to it, else all. `fleet`: every relay there is, since
 * one that has no room knows distances as well; `fit`: those of a part of it that would do.
 */
export function preferred(
  fleet: readonly FleetRelay[],
  region: string | undefined,
  fit: (some: readonly FleetRelay[]) => readonly Candidate[],
): Preferred {
  if (region === undefined) return { candidates: fit(fleet), by: 'any' };
  // Of a large fleet most calls need no look at the other regions.
  const there = fit(fleet.filter(({ node }) => node.region === region));
  if (there.length > 0) return { candidates: there, by: 'region', region };
  const candidates = fit(fleet);
  return nearest(candidates, region, fleet) ?? { candidates, by: 'any' };
}

function nearest(
  candidates: readonly Candidate[],
  wanted: string,
  fleet: readonly FleetRelay[],
): Preferred | undefined {
  const distances = distancesTo(wanted, fleet);
  let best: { readonly region: string; readonly ms: number } | undefined;
  for (const { node } of candidates) {
    const ms = node.region === undefined ? undefined : distances.get(node.region);
    if (node.region !== undefined && ms !== undefined && ms < (best?.ms ?? Infinity))
      best = { region: node.region, ms };
  }
  if (!best) return undefined;
  const { region } = best;
  return { candidates: candidates.filter(({ node }) => node.region === region), by: 'nearest', ...best };
}

/** From each region, milliseconds: the shortest that was measured, from either end. */
function distancesTo(wanted: string, fleet: readonly FleetRelay[]): ReadonlyMap<string, number> {
  const shortest = new Map<string, number>();
  const note = (region: string, ms: number): void => {
    if (ms < (shortest.get(region) ?? Infinity)) shortest.set(region, ms);
  };
  for (const { node } of fleet) {
    const { region, roundTrips } = node;
    if (region === wanted) for (const [other, ms] of Object.entries(roundTrips)) note(other, ms);
    else if (region !== undefined && Object.hasOwn(roundTrips, wanted)) note(region, roundTrips[wanted] ?? Infinity);
  }
  return shortest;
}

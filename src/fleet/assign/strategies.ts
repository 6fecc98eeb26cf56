import type { Strategy } from '../../config/assign';
import { loadOf, roomOf, type Candidate } from './candidate';

/** One of at least one candidate. They stand in the same order each time. */
type Pick = (candidates: readonly [Candidate, ...Candidate[]]) => Candidate;

/**
 * The strategies of the Open WebRTC Toolkit (owt-server, source/cluster_manager/strategy.js), which choose the same of the
 * same candidates; its `randomly-pick` is `random`, its `weight-robin` is `weighted`. Each remembers what it chose.
 * `random`: from 0 to below 1.
 */
export function createStrategies(random: () => number): Readonly<Record<Strategy, Pick>> {
  return {
    'least-used': leastUsed,
    'most-used': mostUsed,
    'last-used': lastUsed(),
    'round-robin': roundRobin(),
    random: (candidates) => candidates[Math.floor(random() * candidates.length)] ?? candidates[0],
    weighted: weighted(),
  };
}

/** Of equals the first. */
const leastUsed: Pick = (candidates) => candidates.reduce((best, one) => (loadOf(one) < loadOf(best) ? one : best));

/** Of equals the last. */
const mostUsed: Pick = (candidates) => candidates.reduce((best, one) => (loadOf(one) >= loadOf(best) ? one : best));

/** The one before for as long as it would do; then the first. */
function lastUsed(): Pick {
  let last: string | undefined;
  return (candidates) => {
    const chosen = candidates.find(({ server }) => server === last) ?? candidates[0];
    last = chosen.server;
    return chosen;
  };
}

/** The one behind the one before; where that would not do any more, the first. */
function roundRobin(): Pick {
  let last: string | undefined;
  return (candidates) => {
    const chosen = candidates[candidates.findIndex(({ server }) => server === last) + 1] ?? candidates[0];
    last = chosen.server;
    return chosen;
  };
}

/**
 * Smooth weighted round robin: each gets its room as credit, the one with most credit is chosen and pays all that was
 * given. So relays are chosen in the proportion of their room, and not several times in a row.
 */
function weighted(): Pick {
  let credits = new Map<string, number>();
  return (candidates) => {
    const byName = new Map(candidates.map((one) => [one.server, one]));
    const known = [...credits.keys()].filter((server) => byName.has(server));
    // Those that are known stay in their order: of equals the one that came first.
    const order = new Set([...known, ...byName.keys()]);
    let total = 0;
    let best: Candidate | undefined;
    const next = new Map<string, number>();
    for (const server of order) {
      const one = byName.get(server) ?? candidates[0];
      const weight = Math.max(0, roomOf(one));
      const credit = (credits.get(server) ?? 0) + weight;
      next.set(server, credit);
      total += weight;
      if (!best || credit > (next.get(best.server) ?? 0)) best = one;
    }
    const chosen = best ?? candidates[0];
    next.set(chosen.server, (next.get(chosen.server) ?? 0) - total);
    credits = next;
    return chosen;
  };
}

import type { Strategy } from '../../config/assign';
import type { FleetRelay } from '../fleet-relay';
import type { Candidate } from './candidate';
import { unfit, unfitSentence, type FitnessRules, type Unfit } from './fitness';
import { preferred } from './preference';
import type { createStrategies } from './strategies';
import { whyChosen } from './why';

/** What a call would like. */
export interface Wishes {
  readonly isp: string | undefined;
  readonly region: string | undefined;
  readonly strategy: Strategy;
}

/** Why one relay was not chosen. */
interface Refused {
  readonly server: string;
  readonly reason: Unfit;
  readonly message: string;
}

/** A relay, or why it is none. */
export type Choice =
  | {
      readonly kind: 'chosen';
      readonly relay: FleetRelay;
      readonly by: 'region' | 'nearest' | 'any';
      readonly why: string;
    }
  | NoChoice;

export interface NoChoice {
  readonly kind: 'none';
  /** Of the first hundred. */
  readonly reasons: readonly Refused[];
  /** Of all. */
  readonly counts: Readonly<Partial<Record<Unfit, number>>>;
}

export interface Chooser {
  readonly strategies: ReturnType<typeof createStrategies>;
  readonly rules: FitnessRules;
}

const MAX_REASONS = 100;

/** Chooses among the fleet; `reserved` tells the megabits per second that are reserved on a relay. */
export function choose(
  fleet: readonly FleetRelay[],
  reserved: (server: string) => number,
  wishes: Wishes,
  { strategies, rules }: Chooser,
): Choice {
  const candidates = (some: readonly FleetRelay[]): Candidate[] =>
    some.map(({ server, node, updatedAt }) => ({ server, node, updatedAt, reservedMbps: reserved(server) }));
  const best = preferred(fleet, wishes.region, (some) =>
    candidates(some).filter((one) => unfit(one, wishes.isp, rules) === undefined),
  );
  const [first, ...others] = best.candidates;
  if (!first) return noChoice(candidates(fleet), wishes.isp, rules);
  const relay = strategies[wishes.strategy]([first, ...others]);
  return { kind: 'chosen', relay, by: best.by, why: whyChosen(best, wishes) };
}

function noChoice(all: readonly Candidate[], isp: string | undefined, rules: FitnessRules): NoChoice {
  const reasons: Refused[] = [];
  const counts: Partial<Record<Unfit, number>> = {};
  for (const one of all) {
    const reason = unfit(one, isp, rules);
    if (!reason) continue;
    counts[reason] = (counts[reason] ?? 0) + 1;
    if (reasons.length < MAX_REASONS)
      reasons.push({ server: one.server, reason, message: unfitSentence(reason, one, isp, rules) });
  }
  return { kind: 'none', reasons, counts };
}

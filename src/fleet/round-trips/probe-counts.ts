import { Histogram } from '../../turn/histogram';
import type { ProbeOutcome } from './binding-sockets';

/** Requests and what became of them, from this relay's region to another. */
export interface RegionPair {
  readonly from: string;
  readonly to: string;
  /** Seconds. */
  readonly roundTrips: Histogram;
  readonly outcomes: Readonly<Record<ProbeOutcome['kind'], number>>;
}

/** From within a machine to around the world. */
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2];
const NONE = 'none';
const OTHER = 'other';
/** Regions are what others write into the registry: further ones are counted together. */
const MAX_REGIONS = 64;

/** Counts of this agent's life. The own region is there from the start. */
export class ProbeCounts {
  private readonly byRegion = new Map<string, ReturnType<typeof emptyPair>>();
  private readonly from: string;

  constructor(region: string | undefined) {
    this.from = region ?? NONE;
    this.pairTo(this.from);
  }

  note(region: string | undefined, outcome: ProbeOutcome): void {
    const pair = this.pairTo(region ?? NONE);
    pair.outcomes[outcome.kind]++;
    if (outcome.kind === 'answered') pair.roundTrips.observe(outcome.ms / 1000);
  }

  pairs(): readonly RegionPair[] {
    return [...this.byRegion.values()];
  }

  private pairTo(region: string): ReturnType<typeof emptyPair> {
    const isKnown = this.byRegion.has(region) || this.byRegion.size <= MAX_REGIONS;
    const to = isKnown ? region : OTHER;
    const pair = this.byRegion.get(to) ?? emptyPair(this.from, to);
    this.byRegion.set(to, pair);
    return pair;
  }
}

function emptyPair(from: string, to: string) {
  return { from, to, roundTrips: new Histogram(SECONDS), outcomes: { answered: 0, lost: 0, unsent: 0 } };
}

import type { RegionPair } from '../fleet/round-trips/probe-counts';
import { histogramSamples, type Collector } from './collector';

/** How far the other relays are, by the regions of both. */
export function roundTripsCollector(counts: { pairs(): readonly RegionPair[] }): Collector {
  return {
    name: 'round_trips',
    collect: () => {
      const pairs = counts.pairs();
      return [
        {
          name: 'coturn_fleet_round_trip_seconds',
          help: "Round trips of a STUN Binding from this agent to other relays' TURN ports, by region, in seconds.",
          type: 'histogram',
          samples: pairs.flatMap(({ from, to, roundTrips }) => histogramSamples(roundTrips, { from, to })),
        },
        {
          name: 'coturn_fleet_probes_total',
          help: 'STUN Bindings to other relays: answered, lost (no answer within 2 s), unsent (no address, or no route).',
          type: 'counter',
          samples: pairs.flatMap(({ from, to, outcomes }) =>
            Object.entries(outcomes).map(([outcome, value]) => ({ labels: { from, to, outcome }, value })),
          ),
        },
      ];
    },
  };
}

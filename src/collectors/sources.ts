import type { SourceCounters } from '../sources/source-counters';
import type { Collector, Sample } from './collector';

/** What the agent took from its sources, and what it refused. */
export function sourcesCollector(sources: readonly SourceCounters<string, string>[]): Collector {
  return {
    name: 'sources',
    collect: () => [
      {
        name: 'turnkeeper_events_total',
        help: 'Messages that the agent took from a source, by kind.',
        type: 'counter',
        samples: sources.flatMap(({ source, events }) => samples(source, 'kind', events)),
      },
      {
        name: 'turnkeeper_events_rejected_total',
        help: 'Messages and connections of a source that the agent refused. unknown_allocation is normal: coturn reports also clients that never got an allocation.',
        type: 'counter',
        samples: sources.flatMap(({ source, rejected }) => samples(source, 'reason', rejected)),
      },
    ],
  };
}

function samples(source: string, label: string, counts: Readonly<Record<string, number>>): Sample[] {
  return Object.entries(counts).map(([key, value]) => ({ labels: { source, [label]: key }, value }));
}

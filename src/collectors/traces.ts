import type { SpanCounts } from '../tracing/tracing';
import { byLabel, single, type Collector } from './collector';

/** What became of the spans, while traces are on. */
export interface TraceFigures {
  counts(): Promise<SpanCounts>;
  /** Allocations whose span there was no room for. */
  readonly untracedAllocations: () => number;
}

export function tracesCollector(traces: TraceFigures): Collector {
  return {
    name: 'traces',
    async collect() {
      const { exported, dropped } = await traces.counts();
      return [
        single('counter', 'turnkeeper_trace_spans_exported_total', 'Spans that the receiver has taken.', exported),
        byLabel(
          'counter',
          'turnkeeper_trace_spans_dropped_total',
          'Spans lost, for: queue (it was full), export (the receiver did not take them), memory (too many allocations had closed before their session).',
          'reason',
          { ...dropped, memory: traces.untracedAllocations() },
        ),
      ];
    },
  };
}

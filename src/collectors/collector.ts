import type { Exemplar, Histogram } from '../turn/histogram';

/** One value of a metric. `suffix` is for histograms (`_bucket`, `_sum`, `_count`). */
export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
  readonly suffix?: '_bucket' | '_sum' | '_count';
  /** Of a bucket; only OpenMetrics has a place for it. */
  readonly exemplar?: Exemplar | undefined;
}

/** A metric with all its values, as the Prometheus data model has it. Counters' names end with `_total`. */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly samples: readonly Sample[];
}

/**
 * Where metrics come from. `collect` runs once a scrape, never twice at a time; what it throws, or does not answer
 * before the signal aborts, costs its own metrics only.
 */
export interface Collector {
  /** Stands in `turnkeeper_collector_success{collector}` and in `collect[]`. */
  readonly name: string;
  collect(signal: AbortSignal): readonly MetricFamily[] | Promise<readonly MetricFamily[]>;
}

/** A family with one value and no label. */
export function single(type: 'counter' | 'gauge', name: string, help: string, value: number): MetricFamily {
  return { name, help, type, samples: [{ value }] };
}

/** A family with one value for each value of one label. */
export function byLabel(
  type: 'counter' | 'gauge',
  name: string,
  help: string,
  label: string,
  values: Readonly<Record<string, number>>,
): MetricFamily {
  const samples = Object.entries(values).map(([key, value]) => ({ labels: { [label]: key }, value }));
  return { name, help, type, samples };
}

/** The samples of one histogram in a family of them. */
export function histogramSamples(histogram: Histogram, labels: Readonly<Record<string, string>> = {}): Sample[] {
  const { bounds, sum } = histogram;
  const cumulative = histogram.cumulative();
  const buckets = cumulative.map((value, i) => ({
    suffix: '_bucket' as const,
    labels: { ...labels, le: i < bounds.length ? String(bounds[i]) : '+Inf' },
    value,
    exemplar: histogram.exemplar(i),
  }));
  return [
    ...buckets,
    { suffix: '_sum', labels, value: sum },
    { suffix: '_count', labels, value: cumulative.at(-1) ?? 0 },
  ];
}

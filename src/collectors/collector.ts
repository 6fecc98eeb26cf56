/** One value of a metric. `suffix` is for histograms (`_bucket`, `_sum`, `_count`). */
export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
  readonly suffix?: '_bucket' | '_sum' | '_count';
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

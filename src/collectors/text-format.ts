import { Registry, type Metric, type RegistryContentType } from 'prom-client';
import type { Exemplar } from '../turn/histogram';
import type { MetricFamily, Sample } from './collector';

/** The exposition of `families`, whose names must differ. */
export async function renderFamilies(
  families: readonly MetricFamily[],
  openMetrics: boolean,
): Promise<{ body: string; contentType: string }> {
  const contentType = openMetrics ? Registry.OPENMETRICS_CONTENT_TYPE : Registry.PROMETHEUS_CONTENT_TYPE;
  const registry = new Registry<RegistryContentType>();
  registry.setContentType(contentType);
  const names = new Set(families.map((family) => family.name));
  for (const family of families) {
    const type = openMetrics && clashes(family, names) ? 'unknown' : family.type;
    registry.registerMetric(new PromClientMetric(family, type) as unknown as Metric);
  }
  return { body: await registry.metrics(), contentType };
}

/**
 * OpenMetrics names a counter's family without `_total`, so that it may meet a gauge of that name, such as
 * `coturn_webrtc_ice_failures`. As `unknown` the counter keeps its whole name and the same series.
 */
function clashes(family: MetricFamily, names: ReadonlySet<string>): boolean {
  return family.type === 'counter' && names.has(family.name.replace(/_total$/, ''));
}

/** All that prom-client's Registry needs of a metric in order to write it; it has no type for that (lib/registry.js, 15.1). */
class PromClientMetric {
  /** For OpenMetrics the Registry takes `_total` off a counter's name here, then adds it to each sample. */
  name: string;

  constructor(
    private readonly family: MetricFamily,
    private readonly type: MetricFamily['type'] | 'unknown',
  ) {
    this.name = family.name;
  }

  get(): object {
    const { name, type } = this;
    return { name, help: this.family.help, type, values: this.family.samples.map((sample) => toValue(name, sample)) };
  }
}

function toValue(name: string, { labels = {}, value, suffix, exemplar }: Sample): object {
  if (suffix === undefined) return { labels, value };
  const metricName = name + suffix;
  return exemplar ? { labels, value, metricName, exemplar: toExemplar(exemplar) } : { labels, value, metricName };
}

/** As prom-client writes it behind a bucket. OpenMetrics 1.0 counts its time in seconds. */
function toExemplar({ value, at, traceId, spanId }: Exemplar): object {
  return { labelSet: { trace_id: traceId, span_id: spanId }, value, timestamp: at / 1000 };
}

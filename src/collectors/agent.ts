import { collectDefaultMetrics, Registry, type MetricObjectWithValues, type MetricValueWithName } from 'prom-client';
import type { Collector, MetricFamily, Sample } from './collector';

/** What prom-client really gives: its types have an enum for the kind of a metric, which is text when it runs. */
type DefaultMetric = Omit<MetricObjectWithValues<MetricValueWithName<string>>, 'type'> & { readonly type: string };

/** The agent itself: which build it is, its process and its Node.js. From its making on it watches the event loop and the collector of garbage. */
export function agentCollector(version: string): Collector {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return {
    name: 'agent',
    async collect() {
      const metrics = (await registry.getMetricsAsJSON()) as unknown as DefaultMetric[];
      return [buildInfo(version), ...metrics.flatMap(toFamily)];
    },
  };
}

function buildInfo(version: string): MetricFamily {
  return {
    name: 'turnkeeper_build_info',
    help: 'Which version of turnkeeper runs, on which version of Node.js; always 1.',
    type: 'gauge',
    samples: [{ labels: { version, node_version: process.versions.node }, value: 1 }],
  };
}

function toFamily({ name, help, type, values }: DefaultMetric): readonly MetricFamily[] {
  if (type !== 'counter' && type !== 'gauge' && type !== 'histogram') return [];
  /** nodejs_active_{handles,requests,resources}_total: sums of the series beside them, and named as only counters may be. */
  if (type === 'gauge' && name.endsWith('_total')) return [];
  return [{ name, help, type, samples: values.map((value) => toSample(name, value)) }];
}

function toSample(name: string, { labels, value, metricName = name }: MetricValueWithName<string>): Sample {
  const texts = Object.fromEntries(Object.entries(labels).map(([label, text]) => [label, String(text)]));
  const suffix = metricName.slice(name.length);
  return isHistogramSuffix(suffix) ? { labels: texts, value, suffix } : { labels: texts, value };
}

function isHistogramSuffix(text: string): text is NonNullable<Sample['suffix']> {
  return text === '_bucket' || text === '_sum' || text === '_count';
}

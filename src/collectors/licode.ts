import type { LicodeSource } from '../licode/licode-source';
import { byLabel, single, type Collector, type MetricFamily, type Sample } from './collector';

/** What the source of the licode collector shows at each scrape. */
export type LicodeFigures = Pick<
  LicodeSource,
  'prefix' | 'gauges' | 'components' | 'up' | 'lastSuccessAt' | 'rejected'
>;

/** What licode's or mediasoup-signal's components say, under the names of the exporter that came with them. */
export function licodeCollector(source: LicodeFigures): Collector {
  return {
    name: 'licode',
    collect: () => [...originals(source), ...own(source)],
  };
}

/** What nobody told has no value: 0 would look like an answer. */
function originals({ prefix, gauges }: LicodeFigures): MetricFamily[] {
  return gauges.map(({ name, help, value }) => ({
    name: prefix + name,
    help,
    type: 'gauge',
    samples: value === undefined ? [] : [{ value }],
  }));
}

function own(source: LicodeFigures): MetricFamily[] {
  return [
    single(
      'gauge',
      'turnkeeper_licode_up',
      'Whether the last gathering over RabbitMQ found licode there: 1 or 0.',
      source.up ? 1 : 0,
    ),
    {
      name: 'turnkeeper_licode_components',
      help: 'Components of licode in the last gathering, by whether they answered every question.',
      type: 'gauge',
      samples: source.components.flatMap(({ kind, answered, unanswered }) => [
        componentSample(kind, 'answered', answered),
        componentSample(kind, 'unanswered', unanswered),
      ]),
    },
    single(
      'gauge',
      'turnkeeper_licode_last_success_timestamp_seconds',
      'When the components of licode were asked last, Unix time in seconds; 0 before the first time.',
      (source.lastSuccessAt ?? 0) / 1000,
    ),
    byLabel(
      'counter',
      'turnkeeper_licode_rejected_total',
      'Answers over RabbitMQ that were refused: oversized, malformed, unknown (nobody waits for it any more), unexpected (not what was asked for), too_many components.',
      'reason',
      source.rejected,
    ),
  ];
}

function componentSample(kind: string, state: string, value: number): Sample {
  return { labels: { kind, state }, value };
}

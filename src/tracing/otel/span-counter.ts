import { metrics } from '@opentelemetry/sdk-node';
import type { SpanCounts } from '../tracing';

/** "Semantic conventions for OpenTelemetry SDK metrics". */
const PROCESSED = 'otel.sdk.processor.span.processed';

/** Reads from the SDK what its batch processor did with the spans. */
export class SpanCounter extends metrics.MetricReader {
  async counts(): Promise<SpanCounts> {
    const counts = { exported: 0, dropped: { queue: 0, export: 0 } };
    const { resourceMetrics } = await this.collect();
    const all = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    for (const metric of all.filter(({ descriptor }) => descriptor.name === PROCESSED)) {
      for (const { attributes, value } of metric.dataPoints) {
        const error = attributes['error.type'];
        if (error === undefined) counts.exported += Number(value);
        else counts.dropped[error === 'queue_full' ? 'queue' : 'export'] += Number(value);
      }
    }
    return counts;
  }

  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }

  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}

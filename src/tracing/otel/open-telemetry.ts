import { diag } from '@opentelemetry/api';
import { core, NodeSDK, resources } from '@opentelemetry/sdk-node';
import type { Tracing } from '../tracing';
import type { TracingOptions } from '../start';
import { diagnostics } from './diagnostics';
import { OpenTelemetryTracing } from './open-telemetry-tracing';
import { SpanCounter } from './span-counter';

/**
 * Starts OpenTelemetry's SDK, which reads exporters, sampler, limits and the queue's size from its own variables; of what it
 * can do for metrics and logs nothing is used.
 */
export function openTelemetry({ environment, version, clock, logger }: TracingOptions): Tracing {
  // It counts what its queue drops only where this is set (sdk-node 0.223, sdk.js); it reads the process' own environment.
  process.env['OTEL_NODE_EXPERIMENTAL_SDK_METRICS'] = 'true';
  const counter = new SpanCounter();
  const sdk = new NodeSDK({
    // The variables win: what is detected is merged over it.
    resource: resources.resourceFromAttributes({ 'service.name': 'turnkeeper', 'service.version': version }),
    ...(environment['OTEL_NODE_RESOURCE_DETECTORS'] === undefined && {
      // Without the one that tells the command line and the owner of the process.
      resourceDetectors: [resources.envDetector, resources.hostDetector],
    }),
    ...(environment['OTEL_PROPAGATORS'] === undefined && { textMapPropagator: new core.W3CTraceContextPropagator() }),
    metricReaders: [counter],
    logRecordProcessors: [],
  });
  // After the constructor, which sets one that writes to the console where OTEL_LOG_LEVEL is set.
  diag.setLogger(diagnostics(clock, logger), { suppressOverrideMessage: true });
  sdk.start();
  return new OpenTelemetryTracing(counter, () => sdk.shutdown(), clock);
}

import type { Tracer } from '../lib/tracer';

/** What a line of the log says of the span that it is written in: "Trace Context in non-OTLP Log Formats". */
export function logFields(tracer: Pick<Tracer, 'current'>): Readonly<Record<string, string>> {
  const span = tracer.current();
  return span ? { trace_id: span.traceId, span_id: span.spanId } : {};
}

import {
  SpanStatusCode,
  TraceFlags,
  type Attributes,
  type AttributeValue,
  type Link,
  type Span,
  type SpanContext,
} from '@opentelemetry/api';
import type { SpanAttributes, SpanRef } from '../../lib/tracer';
import type { SpanLink } from '../tracing';

const MAX_FAILURE = 200;

export function refOf({ traceId, spanId, traceFlags }: SpanContext): SpanRef {
  return { traceId, spanId, isSampled: (traceFlags & TraceFlags.SAMPLED) !== 0 };
}

export function contextOf({ traceId, spanId, isSampled }: SpanRef): SpanContext {
  return { traceId, spanId, traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE };
}

export function linkOf({ to, attributes = {} }: SpanLink): Link {
  return { context: contextOf(to), attributes: asAttributes(attributes) };
}

/** OpenTelemetry's type has lists that may be written to; it does not. */
export function asAttributes(attributes: SpanAttributes): Attributes {
  return attributes as Record<string, AttributeValue>;
}

export function fail(span: Span, sentence: string): void {
  span.setStatus({ code: SpanStatusCode.ERROR, message: sentence.slice(0, MAX_FAILURE) });
}

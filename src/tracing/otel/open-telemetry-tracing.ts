import type { IncomingHttpHeaders } from 'node:http';
import {
  context,
  createContextKey,
  diag,
  metrics,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  trace,
  type Context,
} from '@opentelemetry/api';
import type { Clock } from '../../lib/clock';
import { messageOf } from '../../lib/errors';
import type { SpanAttributes, SpanDescription, SpanRef } from '../../lib/tracer';
import { callerOf } from '../caller';
import type { CallSpan, PastSpan, SpanCounts, SpanLink, Tracing } from '../tracing';
import { asAttributes, contextOf, fail, linkOf, refOf } from './convert';
import type { SpanCounter } from './span-counter';

const STOP_MS = 2_000;
const CALLER = createContextKey('the caller, by its own trace');

/** The agent's spans as OpenTelemetry's. */
export class OpenTelemetryTracing implements Tracing {
  readonly isOn = true;
  private readonly tracer = trace.getTracer('turnkeeper');

  constructor(
    private readonly counter: SpanCounter,
    private readonly shutdown: () => Promise<void>,
    private readonly clock: Clock,
  ) {}

  run<T>({ name, kind, attributes = {} }: SpanDescription, work: () => T): T {
    const options = {
      kind: kind === 'client' ? SpanKind.CLIENT : SpanKind.INTERNAL,
      attributes: asAttributes(attributes),
    };
    return this.tracer.startActiveSpan(name, options, (span) => {
      const failed = (error: unknown): never => {
        fail(span, messageOf(error));
        span.end();
        throw error;
      };
      try {
        const result = work();
        if (!(result instanceof Promise)) {
          span.end();
          return result;
        }
        const ended = (result as Promise<unknown>).then((value) => {
          span.end();
          return value;
        }, failed);
        return ended as T;
      } catch (error) {
        return failed(error);
      }
    });
  }

  current(): SpanRef | undefined {
    const span = trace.getActiveSpan();
    return span && refOf(span.spanContext());
  }

  record({ name, parent, links = [], attributes, startedAt, endedAt, events, failure }: PastSpan): SpanRef {
    const within = parent ? trace.setSpanContext(ROOT_CONTEXT, contextOf(parent)) : ROOT_CONTEXT;
    const options = { attributes: asAttributes(attributes), links: links.map(linkOf), startTime: startedAt };
    const span = this.tracer.startSpan(name, options, within);
    for (const event of events) span.addEvent(event.name, asAttributes(event.attributes ?? {}), event.at);
    if (failure !== undefined) fail(span, failure);
    // A wall clock that stepped back must not make it end before its start.
    span.end(Math.max(startedAt, endedAt));
    return refOf(span.spanContext());
  }

  serve(headers: IncomingHttpHeaders, name: string, work: (span: CallSpan) => void): void {
    const caller = callerOf(headers);
    const from = propagation.extract(ROOT_CONTEXT, headers);
    const attributes = asAttributes(caller?.attributes ?? {});
    const links = caller ? [linkOf(caller)] : [];
    const span = this.tracer.startSpan(name, { kind: SpanKind.SERVER, attributes, links }, from);
    const within: Context = trace.setSpan(from, span).setValue(CALLER, caller);
    const ended: CallSpan['end'] = (call) => {
      span.updateName(call.name).setAttributes(asAttributes(call.attributes));
      if (call.failure !== undefined) fail(span, call.failure);
      span.end();
    };
    context.with(within, work, undefined, { ref: refOf(span.spanContext()), end: ended });
  }

  caller(): SpanLink | undefined {
    return context.active().getValue(CALLER) as SpanLink | undefined;
  }

  annotate(attributes: SpanAttributes): void {
    trace.getActiveSpan()?.setAttributes(asAttributes(attributes));
  }

  counts(): Promise<SpanCounts> {
    return this.counter.counts();
  }

  async stop(): Promise<void> {
    const over = new AbortController();
    const late = this.clock.sleep(STOP_MS, over.signal).catch(() => undefined);
    await Promise.race([this.shutdown().catch(() => undefined), late]);
    over.abort();
    // What OpenTelemetry keeps for the whole process.
    for (const part of [trace, context, propagation, metrics, diag]) part.disable();
  }
}

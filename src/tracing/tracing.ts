import type { IncomingHttpHeaders } from 'node:http';
import type { SpanAttributes, SpanRef, Tracer } from '../lib/tracer';

/** A span of another trace that this one has to do with. */
export interface SpanLink {
  readonly to: SpanRef;
  readonly attributes?: SpanAttributes;
}

/** Times are milliseconds since the epoch. */
export interface SpanEvent {
  readonly name: string;
  readonly at: number;
  readonly attributes?: SpanAttributes;
}

/** A span of what is over already. Times are milliseconds since the epoch. */
export interface PastSpan {
  readonly name: string;
  /** Undefined: it begins a trace. */
  readonly parent?: SpanRef | undefined;
  readonly links?: readonly SpanLink[];
  readonly attributes: SpanAttributes;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly events: readonly SpanEvent[];
  /** A sentence, where it went wrong. */
  readonly failure?: string | undefined;
}

/** What became of a call that came in. */
interface ServedCall {
  readonly name: string;
  readonly attributes: SpanAttributes;
  readonly failure?: string | undefined;
}

/** A span of a call that came in, to be ended once. */
export interface CallSpan {
  readonly ref: SpanRef;
  end(call: ServedCall): void;
}

/** What became of spans since the start. */
export interface SpanCounts {
  readonly exported: number;
  /** `queue`: it was full. `export`: the receiver did not take them. */
  readonly dropped: Readonly<Record<'queue' | 'export', number>>;
}

/** Traces, while they are on. */
export interface Tracing extends Tracer {
  readonly isOn: true;
  /** Notes a span that is over; sampled or not, its place is given. */
  record(span: PastSpan): SpanRef;
  /** Runs `work` in a span for a call that came with these headers: within the caller's trace where they name one. */
  serve(headers: IncomingHttpHeaders, name: string, work: (span: CallSpan) => void): void;
  /** Of the call that is being served: its caller's place in a SkyWalking trace. */
  caller(): SpanLink | undefined;
  /** Says more of the span that the caller runs in. */
  annotate(attributes: SpanAttributes): void;
  counts(): Promise<SpanCounts>;
  /** Sends what waits, for 2 s at most; nothing is sent any more afterwards. Never rejects. */
  stop(): Promise<void>;
}

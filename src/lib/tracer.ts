/** What stands at a span; never a secret, a password or a user name with its expiry. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** Where a span is to be found: W3C Trace Context's lower-case hexadecimal ids. */
export interface SpanRef {
  /** 32 digits. */
  readonly traceId: string;
  /** 16 digits. */
  readonly spanId: string;
  readonly isSampled: boolean;
}

export interface SpanDescription {
  readonly name: string;
  /** Whether another program is waited for. */
  readonly kind?: 'client' | 'internal';
  readonly attributes?: SpanAttributes;
}

/** What the parts of the agent trace their work with. */
export interface Tracer {
  /** False: whatever is described here is for nobody. */
  readonly isOn: boolean;
  /** Runs `work` in a span, within the one that it is called in. What it throws or rejects with is noted, and goes on. */
  run<T>(span: SpanDescription, work: () => T): T;
  /** The span that the caller runs in. */
  current(): SpanRef | undefined;
}

/** Without traces. */
export const noTracer: Tracer = {
  isOn: false,
  run: (_span, work) => work(),
  current: () => undefined,
};

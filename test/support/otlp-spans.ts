import type { Message } from 'protobufjs';
import { requestType } from './otlp-definitions';

type Attributes = Readonly<Record<string, unknown>>;

/** A span as it arrived; ids in hexadecimal, times in milliseconds since the epoch. */
export interface ReceivedSpan {
  readonly name: string;
  readonly kind: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for a root. */
  readonly parentSpanId: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly attributes: Attributes;
  readonly events: readonly { readonly name: string; readonly at: number; readonly attributes: Attributes }[];
  readonly links: readonly { readonly traceId: string; readonly spanId: string; readonly attributes: Attributes }[];
  readonly status: string;
  readonly resource: Attributes;
}

type Json = Record<string, unknown>;

/** The spans of a decoded ExportTraceServiceRequest. */
export function spansOf(request: Message): ReceivedSpan[] {
  const options = { longs: String, enums: String, bytes: Array, defaults: true } as const;
  const { resourceSpans } = requestType.toObject(request, options) as { resourceSpans: Json[] };
  return resourceSpans.flatMap((part) => {
    const resource = attributesOf((part['resource'] as Json)['attributes']);
    const scopes = part['scopeSpans'] as { spans: Json[] }[];
    return scopes.flatMap(({ spans }) => spans.map((span) => toSpan(span, resource)));
  });
}

function toSpan(span: Json, resource: Attributes): ReceivedSpan {
  const list = (key: string): Json[] => span[key] as Json[];
  return {
    name: String(span['name']),
    kind: String(span['kind']),
    traceId: hex(span['traceId']),
    spanId: hex(span['spanId']),
    parentSpanId: hex(span['parentSpanId']),
    startedAt: milliseconds(span['startTimeUnixNano']),
    endedAt: milliseconds(span['endTimeUnixNano']),
    attributes: attributesOf(span['attributes']),
    events: list('events').map((event) => ({
      name: String(event['name']),
      at: milliseconds(event['timeUnixNano']),
      attributes: attributesOf(event['attributes']),
    })),
    links: list('links').map((link) => ({
      traceId: hex(link['traceId']),
      spanId: hex(link['spanId']),
      attributes: attributesOf(link['attributes']),
    })),
    status: (span['status'] as { code?: string } | null)?.code ?? 'STATUS_CODE_UNSET',
    resource,
  };
}

function attributesOf(list: unknown): Attributes {
  const pairs = (list ?? []) as { key: string; value: Json }[];
  return Object.fromEntries(pairs.map(({ key, value }) => [key, valueOf(value)]));
}

function valueOf(value: Json): unknown {
  if (value['arrayValue'] !== undefined) return (value['arrayValue'] as { values: Json[] }).values.map(valueOf);
  if (value['intValue'] !== undefined) return Number(value['intValue']);
  return value['stringValue'] ?? value['boolValue'] ?? value['doubleValue'];
}

function hex(bytes: unknown): string {
  return Buffer.from(bytes as number[]).toString('hex');
}

function milliseconds(nanoseconds: unknown): number {
  return Number(BigInt(String(nanoseconds)) / 1000n) / 1000;
}

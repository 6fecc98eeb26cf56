import { createHash } from 'node:crypto';
import type { SpanAttributes, SpanRef } from '../lib/tracer';

/** The caller's place in a SkyWalking trace. */
export interface SkyWalkingParent {
  readonly isSampled: boolean;
  readonly traceId: string;
  readonly segmentId: string;
  readonly spanId: number;
  readonly service: string;
}

/** "SkyWalking Cross Process Propagation Headers Protocol" version 3: the header is shorter than 2 KB, and has eight fields. */
const MAX_HEADER = 2048;
const FIELDS = 8;
const MAX_ID = 256;
/** Three numbers with dots between them, a UUID, or whatever else an agent makes. */
const ID = /^[\w.-]+$/;

/** Anybody can send anything: what is not exactly an `sw8` header is none. */
export function parseSw8(header: string): SkyWalkingParent | undefined {
  if (header.length >= MAX_HEADER) return undefined;
  const fields = header.split('-');
  const [sample = '', trace, segment, span = '', ...names] = fields;
  if (fields.length !== FIELDS || !/^[01]$/.test(sample) || !/^\d{1,9}$/.test(span)) return undefined;
  const [traceId, segmentId, service, ...others] = [trace, segment, ...names].map(decode);
  if (!isId(traceId) || !isId(segmentId) || service === undefined || others.includes(undefined)) return undefined;
  return { isSampled: sample === '1', traceId, segmentId, spanId: Number(span), service: printable(service) };
}

/**
 * SkyWalking's ids are texts that do not fit OpenTelemetry's: these are made of them, the same each time, so that whatever
 * links to one SkyWalking trace links to one trace. The real ones stand beside them as attributes.
 */
export function refOfSw8({ isSampled, traceId, segmentId, spanId }: SkyWalkingParent): SpanRef {
  return { traceId: digest(traceId, 32), spanId: digest(`${segmentId}-${spanId}`, 16), isSampled };
}

/** To search by. */
export function attributesOfSw8({ traceId, segmentId, spanId, service }: SkyWalkingParent): SpanAttributes {
  return { 'sw8.trace_id': traceId, 'sw8.segment_id': segmentId, 'sw8.span_id': spanId, 'sw8.service': service };
}

/** Buffer passes over what is no base64: that it gives the same text back shows that there was nothing else. */
function decode(field = ''): string | undefined {
  const bytes = Buffer.from(field, 'base64');
  const isExact = field !== '' && bytes.toString('base64').replace(/=+$/, '') === field.replace(/=+$/, '');
  return isExact ? bytes.toString('utf8') : undefined;
}

function isId(text: string | undefined): text is string {
  return text !== undefined && text.length <= MAX_ID && ID.test(text);
}

function printable(text: string): string {
  return text.replace(/[^ -~]/g, '?').slice(0, 64);
}

function digest(text: string, digits: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, digits);
}

import type { IncomingHttpHeaders } from 'node:http';
import { attributesOfSw8, parseSw8, refOfSw8 } from './sw8';
import type { SpanLink } from './tracing';

/** The caller's place in a SkyWalking trace, where the headers say one. */
export function callerOf({ sw8 }: IncomingHttpHeaders): SpanLink | undefined {
  const parent = typeof sw8 === 'string' ? parseSw8(sw8) : undefined;
  return parent && { to: refOfSw8(parent), attributes: attributesOfSw8(parent) };
}

import type { Endpoint } from '../turn/event';
import { transportOf } from '../turn/transport';
import { BytePattern, type ByteText } from './byte-pattern';

const FIELDS = ['rcvp=', ', rcvb=', ', sentp=', ', sentb='].map((text) => new BytePattern(text));
const ZERO = 0x30;
/** 2^53 has 16 digits: what is longer is no count of coturn's. */
const MAX_DIGITS = 15;

/**
 * Reads `rcvp=1, rcvb=2, sentp=3, sentb=4` in place, the text of `traffic` and `total_traffic` messages: packets and
 * bytes, received and sent. One instance, used again.
 */
export class TrafficMessage {
  readonly values = new Float64Array(FIELDS.length);

  /** False where the bytes are anything else. */
  parse({ buffer, view }: ByteText, start: number, end: number): boolean {
    let at = start;
    for (let field = 0; field < FIELDS.length; field++) {
      const name = FIELDS[field];
      if (!name?.isAt(view, at, end)) return false;
      const first = at + name.length;
      let value = 0;
      for (at = first; at < end; at++) {
        const digit = (buffer[at] ?? 0) - ZERO;
        if (digit < 0 || digit > 9) break;
        value = value * 10 + digit;
      }
      if (at === first || at - first > MAX_DIGITS) return false;
      this.values[field] = value;
    }
    return at === end;
  }
}

/** What a `status` message says. */
export type StatusMessage =
  | { readonly kind: 'deleted' }
  | {
      readonly kind: 'new' | 'refreshed';
      readonly lifetimeSeconds: number;
      /** The server's own `ip:port` that the client came to, or empty. */
      readonly local: string;
      readonly endpoint: Endpoint;
    };

const LIFETIMES = [
  { kind: 'new', start: 'new lifetime=' },
  { kind: 'refreshed', start: 'refreshed lifetime=' },
] as const;
const MAX_LIFETIME_DIGITS = 10;

/**
 * Reads `new lifetime=600, type=UDP, local=ip:port, remote=ip:port, ssl=NONE, cipher=NONE`, the same with `refreshed`,
 * and `deleted`. Older coturns write no more than the lifetime. undefined for anything else.
 */
export function parseStatus(text: string): StatusMessage | undefined {
  if (text === 'deleted') return { kind: 'deleted' };
  for (const { kind, start } of LIFETIMES) {
    if (!text.startsWith(start)) continue;
    const comma = text.indexOf(', ', start.length);
    const lifetimeSeconds = wholeNumber(text.slice(start.length, comma === -1 ? undefined : comma));
    if (lifetimeSeconds === undefined) return undefined;
    const details = comma === -1 ? '' : text;
    return { kind, lifetimeSeconds, local: field(details, 'local=') ?? '', endpoint: parseEndpoint(details) };
  }
  return undefined;
}

function wholeNumber(text: string): number | undefined {
  return text.length <= MAX_LIFETIME_DIGITS && /^\d+$/.test(text) ? Number(text) : undefined;
}

function parseEndpoint(details: string): Endpoint {
  return {
    transport: transportOf(field(details, 'type=')),
    remote: field(details, 'remote=') ?? '',
  };
}

function field(details: string, name: string): string | undefined {
  const at = details.indexOf(name);
  if (at === -1) return undefined;
  const end = details.indexOf(',', at);
  return details.slice(at + name.length, end === -1 ? undefined : end);
}

import type { Endpoint } from '../turn/event';
import { transportOf } from '../turn/transport';
import { bytesAt } from './stats-channel';

const FIELDS: readonly Buffer[] = ['rcvp=', ', rcvb=', ', sentp=', ', sentb='].map((text) => Buffer.from(text));
const ZERO = 0x30;
/** 2^53 has 16 digits: what is longer is no count of coturn's. */
const MAX_DIGITS = 15;

/**
 * Reads `rcvp=1, rcvb=2, sentp=3, sentb=4` in place, the text of `traffic` and `total_traffic` messages: packets and
 * bytes, received and sent. One instance, used again.
 */
export class TrafficMessage {
  readonly values = new Float64Array(FIELDS.length);
  private at = 0;

  /** False where the bytes are anything else. */
  parse(buffer: Buffer, start: number, end: number): boolean {
    this.at = start;
    for (let field = 0; field < FIELDS.length; field++) {
      const name = FIELDS[field];
      if (!name || !bytesAt(buffer, this.at, end, name)) return false;
      this.at += name.length;
      const value = this.digits(buffer, end);
      if (value < 0) return false;
      this.values[field] = value;
    }
    return this.at === end;
  }

  private digits(buffer: Buffer, end: number): number {
    const start = this.at;
    let value = 0;
    for (; this.at < end; this.at++) {
      const digit = (buffer[this.at] ?? 0) - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    return this.at === start || this.at - start > MAX_DIGITS ? -1 : value;
  }
}

/** What a `status` message says. */
export type StatusMessage =
  | { readonly kind: 'deleted' }
  | { readonly kind: 'new' | 'refreshed'; readonly lifetimeSeconds: number; readonly endpoint: Endpoint };

const STATUS = /^(new|refreshed) lifetime=(\d{1,10})(?:, (.*))?$/;

/**
 * Reads `new lifetime=600, type=UDP, local=ip:port, remote=ip:port, ssl=NONE, cipher=NONE`, the same with `refreshed`,
 * and `deleted`. Older coturns write no more than the lifetime. undefined for anything else.
 */
export function parseStatus(text: string): StatusMessage | undefined {
  if (text === 'deleted') return { kind: 'deleted' };
  const match = STATUS.exec(text);
  if (!match) return undefined;
  return {
    kind: match[1] === 'new' ? 'new' : 'refreshed',
    lifetimeSeconds: Number(match[2]),
    endpoint: parseEndpoint(match[3] ?? ''),
  };
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

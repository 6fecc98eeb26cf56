import { grown, SlotIndex, SlotPool } from './columns';
import { COUNTS_PER_ROW } from './counts';
import type { AllocationId, Endpoint } from './event';
import { TRANSPORTS, type Transport } from './transport';

const FIRST_CAPACITY = 256;

/** Bits of `flags`. */
export const RELAYED = 1;
/** A Refresh with lifetime 0 came: the client is about to delete it (RFC 8656 section 7.3). */
export const RELEASED = 2;
/** It has ended, and is known a while longer, so that what still comes of it is not taken for another allocation. */
export const ENDED = 4;
/** It was under way when it was first heard of, so its totals hold what was not seen. */
export const ADOPTED = 8;
/** An operator is ending it. */
export const FORCED = 16;

/** The allocations, open ones and those that ended a moment ago, a row each. See `columns.ts` for why. */
export class AllocationTable {
  counts = new Float64Array(FIRST_CAPACITY * COUNTS_PER_ROW);
  startedAt = new Float64Array(FIRST_CAPACITY);
  expiresAt = new Float64Array(FIRST_CAPACITY);
  user = new Int32Array(FIRST_CAPACITY);
  /** The session it was last in, which may have closed without it: then that row has another `sequence`. */
  session = new Int32Array(FIRST_CAPACITY);
  sessionSequence = new Float64Array(FIRST_CAPACITY);
  cell = new Int32Array(FIRST_CAPACITY);
  flags = new Uint8Array(FIRST_CAPACITY);
  private transports = new Uint8Array(FIRST_CAPACITY);
  private origins = new Int32Array(FIRST_CAPACITY).fill(-1);
  private highs = new Int32Array(FIRST_CAPACITY);
  private lows = new Int32Array(FIRST_CAPACITY);
  private readonly remotes: string[] = [];
  private readonly pool = new SlotPool();
  private readonly index = new SlotIndex();

  /** Rows in use. */
  get size(): number {
    return this.pool.used;
  }

  /** One more than the highest slot that may be in use. */
  get end(): number {
    return this.pool.end;
  }

  /** Its slot, or -1. */
  find(origin: number, high: number, low: number): number {
    let slot = this.index.first(hashOf(origin, high, low));
    while (slot !== -1) {
      if (this.lows[slot] === low && this.highs[slot] === high && this.origins[slot] === origin) return slot;
      slot = this.index.after(slot);
    }
    return -1;
  }

  /** A row for an allocation that has none yet: no counts, no flags, everything else to be set by the caller. */
  add({ origin, high, low }: AllocationId, endpoint: Endpoint): number {
    const slot = this.pool.take();
    if (slot >= this.flags.length) this.grow(this.flags.length * 2);
    this.origins[slot] = origin;
    this.highs[slot] = high;
    this.lows[slot] = low;
    this.describe(slot, endpoint);
    this.counts.fill(0, slot * COUNTS_PER_ROW, (slot + 1) * COUNTS_PER_ROW);
    this.flags[slot] = 0;
    this.index.add(hashOf(origin, high, low), slot);
    return slot;
  }

  describe(slot: number, endpoint: Endpoint): void {
    this.transports[slot] = TRANSPORTS.indexOf(endpoint.transport);
    this.remotes[slot] = endpoint.remote;
  }

  remove(slot: number): void {
    this.index.remove(slot);
    this.origins[slot] = -1;
    this.remotes[slot] = '';
    this.pool.give(slot);
  }

  has(slot: number, flag: number): boolean {
    return ((this.flags[slot] ?? 0) & flag) !== 0;
  }

  set(slot: number, flag: number): void {
    this.flags[slot] = (this.flags[slot] ?? 0) | flag;
  }

  clear(slot: number, flag: number): void {
    this.flags[slot] = (this.flags[slot] ?? 0) & ~flag;
  }

  inUse(slot: number): boolean {
    return this.originOf(slot) !== -1;
  }

  originOf(slot: number): number {
    return this.origins[slot] ?? -1;
  }

  transportOf(slot: number): Transport {
    return TRANSPORTS[this.transports[slot] ?? 0] ?? 'other';
  }

  /** The client's `ip:port`, or empty. */
  remoteOf(slot: number): string {
    return this.remotes[slot] ?? '';
  }

  /** coturn's id, 18 digits. */
  idOf(slot: number): string {
    return digits(this.highs[slot]) + digits(this.lows[slot]);
  }

  private grow(capacity: number): void {
    this.counts = grown(this.counts, capacity * COUNTS_PER_ROW);
    this.startedAt = grown(this.startedAt, capacity);
    this.expiresAt = grown(this.expiresAt, capacity);
    this.user = grown(this.user, capacity);
    this.session = grown(this.session, capacity);
    this.sessionSequence = grown(this.sessionSequence, capacity);
    this.cell = grown(this.cell, capacity);
    this.flags = grown(this.flags, capacity);
    this.transports = grown(this.transports, capacity);
    this.origins = grown(this.origins, capacity);
    this.highs = grown(this.highs, capacity);
    this.lows = grown(this.lows, capacity);
  }
}

function hashOf(origin: number, high: number, low: number): number {
  const hash = Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b) ^ Math.imul(origin, 0xc2b2ae35);
  return hash ^ (hash >>> 15);
}

function digits(part: number | undefined): string {
  return String(part ?? 0).padStart(9, '0');
}

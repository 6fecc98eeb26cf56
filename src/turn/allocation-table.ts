import { ChangeSet } from './change-set';
import { float64, grown, int32, SlotIndex, SlotPool } from './columns';
import { COUNTS_PER_ROW } from './counts';
import type { AllocationId, Endpoint } from './event';
import { RemoteColumn } from './remote-column';
import { TRANSPORTS, type Transport } from './transport';

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
/** The first word of its end has come, the last has not. */
export const CLOSING = 32;
/** It was kept over a time when no agent ran, so that its totals hold what was not seen then. */
export const KEPT = 64;

/** The allocations, open ones and those that ended a moment ago, a row each. See `columns.ts` for why. */
export class AllocationTable {
  readonly changes: ChangeSet;
  counts: Float64Array;
  startedAt: Float64Array;
  expiresAt: Float64Array;
  user: Int32Array;
  /** The session it was last in, which may have closed without it: then that row has another `sequence`. */
  session: Int32Array;
  sessionSequence: Float64Array;
  cell: Int32Array;
  flags: Uint8Array;
  private transports: Uint8Array;
  /** One more than the origin; 0 in a row that is free, so that rows never used are never touched. */
  private origins: Int32Array;
  private highs: Int32Array;
  private lows: Int32Array;
  private readonly remotes: RemoteColumn;
  private readonly pool = new SlotPool();
  private readonly index: SlotIndex;

  /** `capacity`: how many rows are reserved; beyond them the columns grow. */
  constructor(capacity: number) {
    this.counts = new Float64Array(capacity * COUNTS_PER_ROW);
    [this.startedAt, this.expiresAt, this.sessionSequence] = [float64(capacity), float64(capacity), float64(capacity)];
    [this.user, this.session, this.cell] = [int32(capacity), int32(capacity), int32(capacity)];
    [this.origins, this.highs, this.lows] = [int32(capacity), int32(capacity), int32(capacity)];
    [this.flags, this.transports] = [new Uint8Array(capacity), new Uint8Array(capacity)];
    this.remotes = new RemoteColumn(capacity);
    this.index = new SlotIndex(capacity);
    this.changes = new ChangeSet(capacity);
  }

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
      if (this.lows[slot] === low && this.highs[slot] === high && this.origins[slot] === origin + 1) return slot;
      slot = this.index.after(slot);
    }
    return -1;
  }

  /** A row for an allocation that has none yet: no counts, no flags, everything else to be set by the caller. */
  add({ origin, high, low }: AllocationId, endpoint: Endpoint, slot = this.pool.take()): number {
    while (slot >= this.flags.length) this.grow(this.flags.length * 2);
    this.origins[slot] = origin + 1;
    this.highs[slot] = high;
    this.lows[slot] = low;
    this.describe(slot, endpoint);
    this.counts.fill(0, slot * COUNTS_PER_ROW, (slot + 1) * COUNTS_PER_ROW);
    this.flags[slot] = 0;
    this.index.add(hashOf(origin, high, low), slot);
    return slot;
  }

  /** Begins with these rows in use; each is to be added. */
  reserve(slots: Iterable<number>): void {
    this.pool.restore(slots);
  }

  describe(slot: number, endpoint: Endpoint): void {
    this.transports[slot] = TRANSPORTS.indexOf(endpoint.transport);
    this.remotes.set(slot, endpoint.remote);
  }

  remove(slot: number): void {
    this.index.remove(slot);
    this.origins[slot] = 0;
    this.remotes.set(slot, '');
    this.changes.mark(slot);
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
    return (this.origins[slot] ?? 0) - 1;
  }

  transportOf(slot: number): Transport {
    return TRANSPORTS[this.transports[slot] ?? 0] ?? 'other';
  }

  /** The client's `ip:port`, or empty. */
  remoteOf(slot: number): string {
    return this.remotes.get(slot);
  }

  /** Its two numbers of nine digits. */
  numbersOf(slot: number): readonly [high: number, low: number] {
    return [this.highs[slot] ?? 0, this.lows[slot] ?? 0];
  }

  /** coturn's id, 18 digits. */
  idOf(slot: number): string {
    return allocationId(this.highs[slot] ?? 0, this.lows[slot] ?? 0);
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
    this.remotes.grow(capacity);
  }
}

function hashOf(origin: number, high: number, low: number): number {
  const hash = Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b) ^ Math.imul(origin, 0xc2b2ae35);
  return hash ^ (hash >>> 15);
}

/** coturn's 18 digits of an allocation. */
export function allocationId(high: number, low: number): string {
  return String(high).padStart(9, '0') + String(low).padStart(9, '0');
}

import { ChangeSet } from './change-set';
import { float64, grown, int32, SlotPool } from './columns';
import { COUNTS_PER_ROW } from './counts';
import { TRANSPORTS, type Transport } from './transport';

/** Bits of `flags`. */
export const ESTIMATED = 1;
/** Stands in the linger queue. */
export const QUEUED = 2;
/** Some of its bytes passed while the agent was away. */
export const RECOVERED = 4;

/** The open sessions, a row each. See `columns.ts` for why. */
export class SessionTable {
  readonly changes: ChangeSet;
  counts: Float64Array;
  startedAt: Float64Array;
  lastTrafficAt: Float64Array;
  lastCloseAt: Float64Array;
  /** A number that no other session of this table had. */
  sequence: Float64Array;
  user: Int32Array;
  allocations: Int32Array;
  open: Int32Array;
  /** Of the open ones, those that relayed peer traffic. */
  openRelaying: Int32Array;
  closedRelaying: Int32Array;
  flags: Uint8Array;
  /** Index into CLOSE_REASONS. */
  endReason: Uint8Array;
  private transports: Uint8Array;
  private readonly pool = new SlotPool();
  private nextSequence = 1;

  /** `capacity`: how many rows are reserved; beyond them the columns grow. */
  constructor(capacity: number) {
    this.counts = new Float64Array(capacity * COUNTS_PER_ROW);
    [this.startedAt, this.lastTrafficAt] = [float64(capacity), float64(capacity)];
    [this.lastCloseAt, this.sequence] = [float64(capacity), float64(capacity)];
    [this.user, this.allocations, this.open] = [int32(capacity), int32(capacity), int32(capacity)];
    [this.openRelaying, this.closedRelaying] = [int32(capacity), int32(capacity)];
    [this.flags, this.endReason] = [new Uint8Array(capacity), new Uint8Array(capacity)];
    this.transports = new Uint8Array(capacity);
    this.changes = new ChangeSet(capacity);
  }

  get size(): number {
    return this.pool.used;
  }

  /** One more than the highest slot that may be in use. */
  get end(): number {
    return this.pool.end;
  }

  inUse(slot: number): boolean {
    return (this.sequence[slot] ?? 0) !== 0;
  }

  /** The sequence numbers of sessions to come. */
  numberFrom(first: number): void {
    this.nextSequence = first;
  }

  /** Begins with these rows in use; each is to be added. */
  reserve(slots: Iterable<number>): void {
    this.pool.restore(slots);
  }

  /** A session that begins at `now`, with nothing in it. */
  add(user: number, now: number, slot = this.pool.take(), sequence = this.nextSequence++): number {
    while (slot >= this.flags.length) this.grow(this.flags.length * 2);
    this.counts.fill(0, slot * COUNTS_PER_ROW, (slot + 1) * COUNTS_PER_ROW);
    this.sequence[slot] = sequence;
    for (const at of [this.startedAt, this.lastTrafficAt, this.lastCloseAt]) at[slot] = now;
    for (const count of [this.allocations, this.open, this.openRelaying, this.closedRelaying]) count[slot] = 0;
    for (const bits of [this.flags, this.endReason, this.transports]) bits[slot] = 0;
    this.user[slot] = user;
    return slot;
  }

  remove(slot: number): void {
    this.sequence[slot] = 0;
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

  addTransport(slot: number, transport: Transport): void {
    this.transports[slot] = (this.transports[slot] ?? 0) | (1 << TRANSPORTS.indexOf(transport));
  }

  transportsOf(slot: number): Transport[] {
    return TRANSPORTS.filter((_, bit) => ((this.transports[slot] ?? 0) & (1 << bit)) !== 0);
  }

  private grow(capacity: number): void {
    this.counts = grown(this.counts, capacity * COUNTS_PER_ROW);
    this.startedAt = grown(this.startedAt, capacity);
    this.lastTrafficAt = grown(this.lastTrafficAt, capacity);
    this.lastCloseAt = grown(this.lastCloseAt, capacity);
    this.sequence = grown(this.sequence, capacity);
    this.user = grown(this.user, capacity);
    this.allocations = grown(this.allocations, capacity);
    this.open = grown(this.open, capacity);
    this.openRelaying = grown(this.openRelaying, capacity);
    this.closedRelaying = grown(this.closedRelaying, capacity);
    this.flags = grown(this.flags, capacity);
    this.endReason = grown(this.endReason, capacity);
    this.transports = grown(this.transports, capacity);
  }
}

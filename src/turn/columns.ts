type Column = Float64Array | Int32Array | Uint8Array;

/**
 * A copy of a column with room for `length` values. A table here is a set of typed arrays with a row a slot rather
 * than an object a row: a million open allocations then cost some 200 MB less, and the garbage collector nothing.
 */
export function grown<T extends Column>(column: T, length: number): T {
  const copy = new (column.constructor as new (length: number) => T)(length);
  copy.set(column);
  return copy;
}

/** Columns are reserved at their full length: rows that are never touched take no memory, only addresses. */
export const float64 = (length: number): Float64Array => new Float64Array(length);
export const int32 = (length: number): Int32Array => new Int32Array(length);

/** Hands out the slots 0, 1, 2, ... and those given back first of all. */
export class SlotPool {
  private readonly free: number[] = [];
  private next = 0;

  /** How many slots are in use. */
  get used(): number {
    return this.next - this.free.length;
  }

  /** One more than the highest slot ever in use. */
  get end(): number {
    return this.next;
  }

  take(): number {
    return this.free.pop() ?? this.next++;
  }

  give(slot: number): void {
    this.free.push(slot);
  }

  /** Begins with these slots in use, and no others. */
  restore(slots: Iterable<number>): void {
    const used = new Set(slots);
    this.next = 0;
    this.free.length = 0;
    for (const slot of used) this.next = Math.max(this.next, slot + 1);
    for (let slot = this.next - 1; slot >= 0; slot--) if (!used.has(slot)) this.free.push(slot);
  }
}

const NONE = -1;
const FIRST_HEADS = 1024;

/** A hash index from a 32-bit hash to slots: chains in two arrays. The owner of the slots compares what is equal. */
export class SlotIndex {
  private heads = new Int32Array(FIRST_HEADS).fill(NONE);
  private next: Int32Array;
  private hashes: Int32Array;
  private count = 0;

  constructor(capacity: number) {
    [this.next, this.hashes] = [int32(capacity), int32(capacity)];
  }

  /** The first slot that may hold `hash`, or -1; go on with `after`. */
  first(hash: number): number {
    return this.heads[hash & (this.heads.length - 1)] ?? NONE;
  }

  after(slot: number): number {
    return this.next[slot] ?? NONE;
  }

  add(hash: number, slot: number): void {
    if (slot >= this.next.length) this.makeRoom(slot);
    if (++this.count > this.heads.length) this.rehash();
    this.hashes[slot] = hash;
    this.link(hash, slot);
  }

  remove(slot: number): void {
    const bucket = (this.hashes[slot] ?? 0) & (this.heads.length - 1);
    const following = this.after(slot);
    let at = this.heads[bucket] ?? NONE;
    if (at === slot) this.heads[bucket] = following;
    while (at !== slot && at !== NONE) {
      const next = this.after(at);
      if (next === slot) this.next[at] = following;
      at = next;
    }
    this.count--;
  }

  private link(hash: number, slot: number): void {
    const bucket = hash & (this.heads.length - 1);
    this.next[slot] = this.heads[bucket] ?? NONE;
    this.heads[bucket] = slot;
  }

  private makeRoom(slot: number): void {
    const length = Math.max(this.next.length * 2, slot + 1);
    this.next = grown(this.next, length);
    this.hashes = grown(this.hashes, length);
  }

  private rehash(): void {
    const old = this.heads;
    const slots: number[] = [];
    for (let slot of old) for (; slot !== NONE; slot = this.after(slot)) slots.push(slot);
    this.heads = new Int32Array(old.length * 2).fill(NONE);
    for (const slot of slots) this.link(this.hashes[slot] ?? 0, slot);
  }
}

/** FNV-1a over the characters, 32 bits; `seed` is the hash of what stands before. */
export function hashText(text: string, seed = 0x811c9dc5): number {
  let hash = seed;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

import { grown } from './columns';

/** How much of a row has changed: its counts, as traffic changes them, or anything else as well. */
export const COUNTS = 1;
export const ROW = 2;
export type Extent = typeof COUNTS | typeof ROW;

/** Slots, each once: a row that changed as a whole is not among those whose counts did. */
export interface Changes {
  readonly rows: readonly number[];
  readonly counts: readonly number[];
}

/** The slots of a table whose rows have changed since somebody last asked. */
export class ChangeSet {
  /** The extent by slot; 0: unchanged. */
  private marks: Uint8Array;
  private slots: number[] = [];
  private tracking = false;
  private readonly followers: Set<number>[] = [];

  constructor(capacity: number) {
    this.marks = new Uint8Array(capacity);
  }

  /** From now on; before it, nobody asks, and marks would only gather. */
  track(): void {
    this.tracking = true;
  }

  /** Gets what is drained from now on: of a second reader, who takes out what they have dealt with. */
  follow(): Set<number> {
    const follower = new Set<number>();
    this.followers.push(follower);
    return follower;
  }

  mark(slot: number, extent: Extent = ROW): void {
    if (!this.tracking) return;
    if (slot >= this.marks.length) this.marks = grown(this.marks, Math.max(slot + 1, this.marks.length * 2));
    const before = this.marks[slot] ?? 0;
    if (before >= extent) return;
    if (before === 0) this.slots.push(slot);
    this.marks[slot] = extent;
  }

  /** What was marked since the last call; a row of it may be in use no more. */
  drain(): Changes {
    const { slots } = this;
    const changes = { rows: [] as number[], counts: [] as number[] };
    this.slots = [];
    for (const slot of slots) {
      (this.marks[slot] === ROW ? changes.rows : changes.counts).push(slot);
      this.marks[slot] = 0;
    }
    for (const follower of this.followers) for (const slot of slots) follower.add(slot);
    return changes;
  }
}

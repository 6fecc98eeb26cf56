import { grown } from './columns';

/** The slots of a table whose rows have changed since somebody last asked. */
export class ChangeSet {
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

  mark(slot: number): void {
    if (!this.tracking || this.marks[slot] === 1) return;
    if (slot >= this.marks.length) this.marks = grown(this.marks, Math.max(slot + 1, this.marks.length * 2));
    this.marks[slot] = 1;
    this.slots.push(slot);
  }

  /** The slots marked since the last call, each once; a row of them may be in use no more. */
  drain(): readonly number[] {
    const { slots } = this;
    this.slots = [];
    for (const slot of slots) this.marks[slot] = 0;
    for (const follower of this.followers) for (const slot of slots) follower.add(slot);
    return slots;
  }
}

import { grown } from '../turn/columns';

/** Which block holds the newest version of each row of one table. */
export class RowBlocks {
  private blocks = new Int32Array(1024);
  private end = 0;

  /** 0: no block holds the row. */
  blockOf(slot: number): number {
    return this.blocks[slot] ?? 0;
  }

  set(slot: number, block: number): void {
    if (slot >= this.blocks.length) this.blocks = grown(this.blocks, Math.max(slot + 1, this.blocks.length * 2));
    this.blocks[slot] = block;
    this.end = Math.max(this.end, slot + 1);
  }

  /** The rows whose newest version is in this block, at most `limit`. */
  rowsIn(block: number, limit: number): number[] {
    const rows: number[] = [];
    for (let slot = this.blocks.indexOf(block); slot !== -1 && rows.length < limit;) {
      rows.push(slot);
      slot = this.blocks.indexOf(block, slot + 1);
    }
    return rows;
  }

  /** No block holds anything; gives the rows that one held. */
  clear(): number[] {
    const held: number[] = [];
    for (let slot = 0; slot < this.end; slot++) if (this.blocks[slot] !== 0) held.push(slot);
    this.blocks.fill(0);
    return held;
  }
}

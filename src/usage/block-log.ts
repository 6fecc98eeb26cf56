import { RowBlocks } from './row-blocks';

/** More rows than twice what is live, and these, are too many. */
const SLACK_ROWS = 2_000;
/** So many rows of the oldest block are written again with one commit: some milliseconds. */
const MOVED_AT_ONCE = 2_000;

interface Block {
  readonly number: number;
  /** Rows whose newest version it holds. */
  live: number;
  /** Rows that it tells of. */
  rows: number;
}

export type Table = 'sessions' | 'allocations';
export type Slots = Readonly<Record<Table, readonly number[]>>;

/**
 * A log of changes to rows, in blocks: which of them are still needed. The newest version of a row counts. Blocks are
 * dropped from the oldest on, when the newest version of nothing is in them (one that says what is no more has to outlive
 * those that still have it), and at once where they tell of no row. Where they get too many, the oldest one's rows are
 * written again. So they hold at most some three times what is live.
 */
export class BlockLog {
  private readonly holders: Readonly<Record<Table, RowBlocks>> = {
    sessions: new RowBlocks(),
    allocations: new RowBlocks(),
  };
  private readonly blocks = new Map<number, Block>();
  private newest: Block = { number: 0, live: 0, rows: 0 };
  private rows = 0;
  private live = 0;

  has(table: Table, slot: number): boolean {
    return this.holders[table].blockOf(slot) !== 0;
  }

  /** What follows is in block `number`. Numbers grow. */
  begin(number: number): void {
    this.newest = { number, live: 0, rows: 0 };
    this.blocks.set(number, this.newest);
  }

  /** The newest block has the row as it is now. */
  put(table: Table, slot: number): void {
    this.leave(table, slot);
    this.holders[table].set(slot, this.newest.number);
    this.newest.live++;
    this.live++;
    this.addRow();
  }

  /** The newest block says that the row is no more. False where it need not: none holds it. */
  remove(table: Table, slot: number): boolean {
    if (!this.leave(table, slot)) return false;
    this.addRow();
    return true;
  }

  /** What any block says of the row does not count any more; whether one did. */
  leave(table: Table, slot: number): boolean {
    if (!this.has(table, slot)) return false;
    const block = this.blocks.get(this.holders[table].blockOf(slot));
    if (block) block.live--;
    this.live--;
    this.holders[table].set(slot, 0);
    return true;
  }

  /** The numbers of the blocks that are needed no more once the newest is written. */
  dropObsolete(): number[] {
    const gone: number[] = [];
    let isOldest = true;
    for (const [number, { live, rows }] of this.blocks) {
      if (number === this.newest.number) break;
      isOldest &&= live === 0;
      if (!isOldest && rows > 0) continue;
      gone.push(number);
      this.rows -= rows;
      this.blocks.delete(number);
    }
    return gone;
  }

  /** The rows that are to be written again with the next block. */
  tooOld(): Slots {
    const [oldest = 0] = this.blocks.keys();
    const isDue = oldest !== this.newest.number && this.rows > 2 * this.live + SLACK_ROWS;
    const rowsOf = (table: Table): number[] => (isDue ? this.holders[table].rowsIn(oldest, MOVED_AT_ONCE) : []);
    return { sessions: rowsOf('sessions'), allocations: rowsOf('allocations') };
  }

  /** There are no blocks any more; gives the rows that they held. */
  clear(): Slots {
    this.blocks.clear();
    this.rows = 0;
    this.live = 0;
    return { sessions: this.holders.sessions.clear(), allocations: this.holders.allocations.clear() };
  }

  private addRow(): void {
    this.newest.rows++;
    this.rows++;
  }
}

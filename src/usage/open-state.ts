import type { OpenRows } from '../turn/open-rows';
import type { BlockText } from './kept-state';
import { RowBlocks } from './row-blocks';
import { renderLine, type StateLine } from './row-text';

interface Block {
  /** Rows whose newest version it holds. */
  live: number;
  lines: number;
}

/** More lines than twice what is live, and these, are too many. */
const SLACK_LINES = 2_000;
/** So many rows of the oldest block are written again with one commit: some milliseconds. */
const MOVED_AT_ONCE = 2_000;

/**
 * What is open, as a log of changes: each commit writes one block with the rows that changed since the last, so that a
 * commit costs what changed and not what is open. The newest version of a row counts. Blocks are dropped from the
 * oldest on, when the newest version of nothing is in them; where they get too many, the oldest one's rows are written
 * again. So they hold at most some three times what is open.
 */
export class OpenState {
  private readonly blocks = new Map<number, Block>();
  private readonly sessions = new RowBlocks();
  private readonly allocations = new RowBlocks();
  private lines = 0;
  private live = 0;

  constructor(private readonly rows: OpenRows) {}

  /**
   * Puts what changed into block `number`; gives the blocks that are needed no more once it is written. Numbers grow.
   */
  write(number: number, text: BlockText): readonly number[] {
    const block: Block = { live: 0, lines: 0 };
    this.blocks.set(number, block);
    for (const line of this.changedSessions(number)) text.add(line);
    for (const line of this.changedAllocations(number)) text.add(line);
    block.lines = text.lines;
    this.lines += text.lines;
    const obsolete = this.dropOldest(number);
    this.moveOldest(number);
    return obsolete;
  }

  /** Takes note of a block that another run of the agent wrote. */
  loaded(number: number, lines: readonly StateLine[]): void {
    this.blocks.set(number, { live: 0, lines: lines.length });
    this.lines += lines.length;
    for (const [kind, row] of lines) {
      if (kind === 'session') this.place(this.sessions, row.slot, number);
      else if (kind === 'allocation') this.place(this.allocations, row.slot, number);
      else this.place(kind === 'no session' ? this.sessions : this.allocations, row, 0);
    }
  }

  /** Nothing that was written is there any more: the next block holds everything. */
  forget(): void {
    for (const slot of this.sessions.clear()) this.rows.touchSession(slot);
    for (const slot of this.allocations.clear()) this.rows.touchAllocation(slot);
    this.blocks.clear();
    this.lines = 0;
    this.live = 0;
  }

  private *changedSessions(number: number): Generator<string> {
    for (const slot of this.rows.changedSessions()) {
      const session = this.rows.session(slot);
      if (!this.place(this.sessions, slot, session ? number : 0)) continue;
      yield renderLine(session ? ['session', session] : ['no session', slot]);
    }
  }

  private *changedAllocations(number: number): Generator<string> {
    for (const slot of this.rows.changedAllocations()) {
      const allocation = this.rows.allocation(slot);
      if (!this.place(this.allocations, slot, allocation ? number : 0)) continue;
      yield renderLine(allocation ? ['allocation', allocation] : ['no allocation', slot]);
    }
  }

  /** Whether that has to be written: a row that came and went between two commits has not. */
  private place(table: RowBlocks, slot: number, number: number): boolean {
    const before = table.blockOf(slot);
    if (before === 0 && number === 0) return false;
    this.count(before, -1);
    this.count(number, 1);
    table.set(slot, number);
    return true;
  }

  private dropOldest(newest: number): number[] {
    const gone: number[] = [];
    for (const [number, { live, lines }] of this.blocks) {
      if (live > 0 || number === newest) break;
      gone.push(number);
      this.lines -= lines;
      this.blocks.delete(number);
    }
    return gone;
  }

  private count(number: number, change: number): void {
    const block = this.blocks.get(number);
    if (!block) return;
    block.live += change;
    this.live += change;
  }

  private moveOldest(newest: number): void {
    const [oldest] = this.blocks.keys();
    if (oldest === undefined || oldest === newest || this.lines <= 2 * this.live + SLACK_LINES) return;
    for (const slot of this.sessions.rowsIn(oldest, MOVED_AT_ONCE)) this.rows.touchSession(slot);
    for (const slot of this.allocations.rowsIn(oldest, MOVED_AT_ONCE)) this.rows.touchAllocation(slot);
  }
}

import { COUNTS, ROW, type Extent } from '../turn/change-set';
import type { OpenRows } from '../turn/open-rows';
import { NUMBERS_A_ROW } from '../turn/stored-row';
import { BlockLog, type Slots, type Table } from './block-log';
import { BlockText, type Kept } from './kept-state';
import { renderLine, type StateLine } from './row-text';

/** The block of counts has the first, so that the last block of all is one of rows. */
export const NUMBERS_A_COMMIT = 2;
/** Of counts: some 30 kB. */
const ROWS_A_LINE = 500;
const KIND_OF_COUNTS = { sessions: 'session counts', allocations: 'allocation counts' } as const;

/**
 * What is open, as two logs of changes, so that a commit costs what changed and not what is open. One has the rows that
 * changed as a whole. The other has the counts of those that traffic alone has changed, which are most, in a third of the
 * text; a row that is written as a whole after them replaces them.
 */
export class OpenState {
  private readonly rows = new BlockLog();
  private readonly counts = new BlockLog();

  constructor(private readonly open: OpenRows) {}

  /** What changed since the last call: the rows for block `number`, and counts for the block before it. */
  write(number: number): { readonly rows: BlockText; readonly counts: BlockText } {
    const [sessions, allocations] = [this.open.changedSessions(), this.open.changedAllocations()];
    const [rows, counts] = [new BlockText(), new BlockText()];
    this.rows.begin(number);
    this.counts.begin(number - 1);
    for (const slot of sessions.rows) this.writeSession(slot, rows);
    for (const slot of allocations.rows) this.writeAllocation(slot, rows);
    this.writeCounts('sessions', sessions.counts, counts);
    this.writeCounts('allocations', allocations.counts, counts);
    return { rows, counts };
  }

  /** The numbers of the blocks that are needed no more once those of the last `write` are in the file. */
  dropObsolete(): readonly number[] {
    const obsolete = [...this.rows.dropObsolete(), ...this.counts.dropObsolete()];
    this.touch(this.rows.tooOld(), ROW);
    this.touch(this.counts.tooOld(), COUNTS);
    return obsolete;
  }

  /**
   * Takes note of what another run of the agent wrote, and the relay has been given. After another boot of the machine
   * the next block holds everything: the times in those of before mean nothing in this one.
   */
  load({ blocks, state, shift }: Kept): void {
    for (const { number, lines } of blocks) {
      const areCounts = lines.some(([kind]) => kind === 'session counts' || kind === 'allocation counts');
      (areCounts ? this.counts : this.rows).begin(number);
      for (const line of lines) this.loadLine(line);
    }
    const slotsOf = (rows: readonly { slot: number }[]): number[] => rows.map(({ slot }) => slot);
    if (shift === 0) return;
    this.touch({ sessions: slotsOf(state.sessions), allocations: slotsOf(state.allocations) }, ROW);
  }

  /** Nothing that was written is there any more: the next block holds everything. */
  forget(): void {
    this.counts.clear();
    this.touch(this.rows.clear(), ROW);
  }

  private writeSession(slot: number, text: BlockText): void {
    const session = this.open.session(slot);
    if (session) this.put('sessions', slot);
    // One that came and went between two commits is in no block.
    else if (!this.remove('sessions', slot)) return;
    text.add(renderLine(session ? ['session', session] : ['no session', slot]));
  }

  private writeAllocation(slot: number, text: BlockText): void {
    const allocation = this.open.allocation(slot);
    if (allocation) this.put('allocations', slot);
    else if (!this.remove('allocations', slot)) return;
    text.add(renderLine(allocation ? ['allocation', allocation] : ['no allocation', slot]));
  }

  private writeCounts(table: Table, slots: readonly number[], text: BlockText): void {
    for (let at = 0; at < slots.length; at += ROWS_A_LINE) {
      const values: number[] = [];
      for (const slot of slots.slice(at, at + ROWS_A_LINE)) {
        if (this.putCounts(table, slot)) this.open.appendCounts(table, slot, values);
      }
      if (values.length > 0) text.add(renderLine([KIND_OF_COUNTS[table], values]), values.length / NUMBERS_A_ROW);
    }
  }

  private loadLine([kind, row]: StateLine): void {
    switch (kind) {
      case 'session':
        this.put('sessions', row.slot);
        return;
      case 'allocation':
        this.put('allocations', row.slot);
        return;
      case 'no session':
        this.remove('sessions', row);
        return;
      case 'no allocation':
        this.remove('allocations', row);
        return;
      case 'session counts':
        for (let at = 0; at < row.length; at += NUMBERS_A_ROW) this.putCounts('sessions', row[at] ?? 0);
        return;
      case 'allocation counts':
        for (let at = 0; at < row.length; at += NUMBERS_A_ROW) this.putCounts('allocations', row[at] ?? 0);
    }
  }

  private put(table: Table, slot: number): void {
    this.counts.leave(table, slot);
    this.rows.put(table, slot);
  }

  private remove(table: Table, slot: number): boolean {
    this.counts.leave(table, slot);
    return this.rows.remove(table, slot);
  }

  /** False where the row itself is in no block: what still comes of an allocation that has ended changes nothing. */
  private putCounts(table: Table, slot: number): boolean {
    if (!this.rows.has(table, slot)) return false;
    this.counts.put(table, slot);
    return true;
  }

  private touch({ sessions, allocations }: Slots, extent: Extent): void {
    for (const slot of sessions) this.open.touchSession(slot, extent);
    for (const slot of allocations) this.open.touchAllocation(slot, extent);
  }
}

import { NUMBERS_A_ROW, type StoredAllocation, type StoredSession, type StoredState } from '../turn/stored-row';
import { parseLine, type StateLine } from './row-text';

/** When a block was written, in the clocks that there are. */
export interface Stamp {
  readonly bootId: string;
  /** `Clock.monotonic()`, which goes on over processes and ends with the boot. */
  readonly monotonic: number;
  /** `Clock.now()`. */
  readonly wall: number;
}

/** The first line of a block of rows. `witness` is what coturn's log needs to be read on from there; see `log-recovery.ts`. */
export interface BlockHead {
  readonly at: Stamp;
  readonly origins: StoredState['origins'];
  readonly witness: unknown;
}

/** What the blocks of another run of the agent hold together. */
export interface Kept {
  readonly blocks: readonly { readonly number: number; readonly lines: readonly StateLine[] }[];
  readonly state: StoredState;
  /** Of the last block; undefined where there is none. */
  readonly witness: unknown;
  /** What is to be added to the times in the witness; those in `state` have it. */
  readonly shift: number;
}

/** Short enough for what each step on the way to the disk takes for it to be used again, rather than mapped anew. */
const PIECE_LENGTH = 64 * 1024;

/** A block's text as it grows, line by line. In pieces: a text of many megabytes would leave its room behind. */
export class BlockText {
  /** How many rows, or counts of rows, its lines tell. */
  rows = 0;
  private readonly full: string[] = [];
  private current: string[] = [];
  private length = 0;

  add(line: string, rows = 1): void {
    this.rows += rows;
    this.current.push(line);
    this.length += line.length;
    if (this.length < PIECE_LENGTH) return;
    this.full.push(textOf(this.current));
    this.current = [];
    this.length = 0;
  }

  /** All of it, behind its head; null in a block of counts, which stands before one of rows. */
  pieces(head: BlockHead | null): string[] {
    return [textOf([JSON.stringify(head)]), ...this.full, ...(this.current.length > 0 ? [textOf(this.current)] : [])];
  }
}

function textOf(lines: readonly string[]): string {
  return [...lines, ''].join('\n');
}

/** Reads what `BlockText` made. Throws SyntaxError. */
function parseBlock(text: string): { head: BlockHead | null; lines: StateLine[] } {
  const [head = '', ...lines] = text.trimEnd().split('\n');
  return { head: JSON.parse(head) as BlockHead | null, lines: lines.map(parseLine) };
}

/** What another run of the agent kept, in the order of its blocks; `now`: when it is read. */
export function readKept(blocks: readonly { number: number; text: string }[], now: Stamp): Kept {
  const parsed = blocks.map(({ number, text }) => ({ number, ...parseBlock(text) }));
  const { at, origins, witness } = parsed.at(-1)?.head ?? { at: now, origins: [], witness: undefined };
  const shift = shiftBetween(at, now);
  const lines = parsed.flatMap((block) => block.lines);
  return { blocks: parsed, state: stateAfter(origins, lines, shift), witness, shift };
}

/** What is open after all these lines, in their order; times are shifted by `shift` milliseconds. */
function stateAfter(origins: StoredState['origins'], lines: Iterable<StateLine>, shift: number): StoredState {
  const sessions = new Map<number, StoredSession>();
  const allocations = new Map<number, StoredAllocation>();
  for (const [kind, row] of lines) {
    switch (kind) {
      case 'session':
        sessions.set(row.slot, shiftSession(row, shift));
        break;
      case 'allocation':
        allocations.set(row.slot, { ...row, startedAt: row.startedAt + shift });
        break;
      case 'no session':
        sessions.delete(row);
        break;
      case 'no allocation':
        allocations.delete(row);
        break;
      case 'session counts':
        takeCounts(sessions, row, (at, counts) => ({ lastTrafficAt: at + shift, counts }));
        break;
      case 'allocation counts':
        takeCounts(allocations, row, (flags, counts) => ({ flags, counts }));
    }
  }
  return { origins, sessions: [...sessions.values()], allocations: [...allocations.values()] };
}

/** Those of a row that is not there are of one that is no more. */
function takeCounts<Row>(
  table: Map<number, Row>,
  numbers: readonly number[],
  changed: (first: number, counts: number[]) => Partial<Row>,
): void {
  for (let at = 0; at < numbers.length; at += NUMBERS_A_ROW) {
    const [slot = 0, first = 0, ...counts] = numbers.slice(at, at + NUMBERS_A_ROW);
    const row = table.get(slot);
    if (row) table.set(slot, { ...row, ...changed(first, counts) });
  }
}

/** What turns times of the relay's clock at `then` into those of `now`: nothing in the same boot of the machine. */
export function shiftBetween(then: Stamp, now: Stamp): number {
  if (then.bootId === now.bootId) return 0;
  return now.monotonic - then.monotonic - Math.max(0, now.wall - then.wall);
}

function shiftSession(session: StoredSession, shift: number): StoredSession {
  if (shift === 0) return session;
  const { startedAt, lastTrafficAt, lastCloseAt } = session;
  return {
    ...session,
    startedAt: startedAt + shift,
    lastTrafficAt: lastTrafficAt + shift,
    lastCloseAt: lastCloseAt + shift,
  };
}

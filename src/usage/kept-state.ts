import type { StoredAllocation, StoredSession, StoredState } from '../turn/stored-row';
import { parseLine, type StateLine } from './row-text';

/** When a block was written, in the clocks that there are. */
export interface Stamp {
  readonly bootId: string;
  /** `Clock.monotonic()`, which goes on over processes and ends with the boot. */
  readonly monotonic: number;
  /** `Clock.now()`. */
  readonly wall: number;
}

/** The first line of a block. `witness` is what coturn's log needs to be read on from there; see `log-recovery.ts`. */
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

const PIECE_LENGTH = 256 * 1024;

/** A block's text as it grows: a line for each change. In pieces: a text of many megabytes would leave its room behind. */
export class BlockText {
  lines = 0;
  private readonly full: string[] = [];
  private current: string[] = [];
  private length = 0;

  add(line: string): void {
    this.lines++;
    this.current.push(`${line}\n`);
    this.length += line.length;
    if (this.length < PIECE_LENGTH) return;
    this.full.push(this.current.join(''));
    this.current = [];
    this.length = 0;
  }

  /** All of it, behind its head. */
  pieces(head: BlockHead): string[] {
    return [`${JSON.stringify(head)}\n`, ...this.full, ...(this.current.length > 0 ? [this.current.join('')] : [])];
  }
}

/** Reads what `BlockText` made. Throws SyntaxError. */
function parseBlock(text: string): { head: BlockHead; lines: StateLine[] } {
  const [head = '', ...lines] = text.trimEnd().split('\n');
  return { head: JSON.parse(head) as BlockHead, lines: lines.map(parseLine) };
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
    if (kind === 'session') sessions.set(row.slot, shiftSession(row, shift));
    else if (kind === 'allocation') allocations.set(row.slot, { ...row, startedAt: row.startedAt + shift });
    else (kind === 'no session' ? sessions : allocations).delete(row);
  }
  return { origins, sessions: [...sessions.values()], allocations: [...allocations.values()] };
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

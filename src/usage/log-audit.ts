import type { LogPosition } from '../coturn/log-place';
import { LifeMap, type LifeAllocation } from './life-map';

/** An allocation whose end the log tells; `at`: when that was read. Times are monotonic milliseconds. */
export interface LoggedEnd extends LifeAllocation {
  readonly at: number;
}

export interface LogAuditOptions {
  /** How long after the log the stats connection may tell of an end. */
  readonly graceMs: number;
  /** How much longer than the log needs to be read to wait for it. */
  readonly marginMs: number;
  /** How many ends may wait on each side; beyond it the oldest do not wait any longer. */
  readonly limit: number;
}

interface Entry extends LoggedEnd {
  readonly position: LogPosition;
  /** The stats connection has told of it too, or it was handed out. */
  settled: boolean;
}

/**
 * Matches the two accounts of how allocations end: what the stats connection told, and what the log says. Each end in
 * the log is either matched, once, or handed out, once, also when the agent restarts meanwhile: the next one begins with
 * what `unmatched` and `auditedPosition` gave at one moment, and hears the log from that position on.
 */
export class LogAudit {
  /** Told ends that are not waited with any more because there were too many. */
  givenUp = 0;
  /** When the stats connection told of the ends that the log has not shown. */
  private readonly tells = new LifeMap<number>();
  /** The ends in the log that are not settled. */
  private readonly waiting = new LifeMap<Entry>();
  /** The ends in the log from the oldest on that is not settled, or since `readTo`. */
  private entries: Entry[] = [];
  private readPosition: LogPosition | undefined;

  constructor(private readonly options: LogAuditOptions) {}

  /** The stats connection told that this allocation has ended. */
  told(allocation: LifeAllocation, at: number): void {
    const entry = this.waiting.get(allocation);
    if (entry) this.settle(entry);
    else this.tells.set(allocation, at);
    if (this.tells.size > this.options.limit) this.giveUpOldest();
  }

  /** The log says so, in a line at this position. Lines come in their order. */
  logged(allocation: LifeAllocation, at: number, position: LogPosition): void {
    if (this.waiting.get(allocation)) return;
    const { life, high, low } = allocation;
    const entry = { life, high, low, at, position, settled: this.tells.delete(allocation) };
    if (!entry.settled) this.waiting.set(allocation, entry);
    this.entries.push(entry);
  }

  /** Hands out what the log says and the stats connection has not told in time. */
  due(now: number): LoggedEnd[] {
    const due: LoggedEnd[] = [];
    for (const entry of this.entries) {
      if (entry.settled) continue;
      if (entry.at + this.options.graceMs > now && this.waiting.size <= this.options.limit) break;
      this.settle(entry);
      const { life, high, low, at } = entry;
      due.push({ life, high, low, at });
    }
    return due;
  }

  /** When the oldest end was read that the log says, and that is neither told nor handed out; undefined: there is none. */
  waitingSince(): number | undefined {
    return this.entries.find((entry) => !entry.settled)?.at;
  }

  /** The log has been read, and every end in it `logged`, to here. */
  readTo(position: LogPosition): void {
    this.readPosition = position;
    const open = this.entries.findIndex((entry) => !entry.settled);
    this.entries = open < 0 ? [] : this.entries.slice(open);
  }

  /**
   * All that was written to the log before `at` has been read. coturn logs an end before it tells it (4.6.1 and 4.17.1,
   * `turn_report_allocation_delete`): the log does not tell the ends that were told earlier, or they are in doubt.
   */
  caughtUp(at: number): void {
    this.tells.deleteWhile((toldAt) => toldAt + this.options.marginMs < at);
  }

  /** Before this everything is matched or handed out: a later agent reads from here on. undefined before `readTo`. */
  auditedPosition(): LogPosition | undefined {
    return this.entries[0]?.position ?? this.readPosition;
  }

  /** The ends that are settled, and that a later agent will read, or read again, in the log. */
  unmatched(): LifeAllocation[] {
    const again = this.entries.filter(({ settled }) => settled);
    return [...this.tells.keys(), ...again.map(({ life, high, low }) => ({ life, high, low }))];
  }

  /** Begins with what an earlier agent's `unmatched` gave. */
  restore(unmatched: readonly LifeAllocation[], now: number): void {
    for (const allocation of unmatched) this.tells.set(allocation, now);
  }

  private settle(entry: Entry): void {
    entry.settled = true;
    this.waiting.delete(entry);
  }

  private giveUpOldest(): void {
    for (const oldest of this.tells.keys()) {
      this.tells.delete(oldest);
      this.givenUp++;
      return;
    }
  }
}

import { COUNTS } from './change-set';
import { addCounts, COUNTS_PER_ROW, PEER_LEG, readCounts, type Leg, type LegCounts } from './counts';
import { CLOSE_REASONS, type CloseReason, type FactListener } from './fact';
import type { Registers } from './registers';
import type { RunningTotals } from './running-totals';
import { LingerQueue } from './linger-queue';
import { describeSession } from './session-description';
import { ESTIMATED, QUEUED, RECOVERED, SessionTable } from './session-table';
import type { StoredSession } from './stored-row';
import type { Transport } from './transport';
import type { UserTable } from './user-table';

/** How an allocation left its session. */
export interface Leaving {
  readonly at: number;
  readonly relayed: boolean;
  readonly reason: CloseReason;
  readonly estimated: boolean;
}

/**
 * The sessions: a user's allocations that belong together. One closes when none of its allocations is open for
 * `linger`, or when every one that relayed peer traffic has closed, at least one had, and no traffic came for `linger`.
 */
export class Sessions {
  readonly table: SessionTable;
  /** While true, time alone closes none: what happened while no agent ran is still being found out. */
  held = false;
  private readonly users: UserTable;
  private readonly totals: RunningTotals;
  private readonly lingering = new LingerQueue();

  constructor(
    private readonly registers: Registers,
    private readonly lingerMs: number,
    private readonly facts: FactListener,
  ) {
    this.users = registers.users;
    this.totals = registers.totals;
    this.table = new SessionTable(registers.capacity);
  }

  /** The user's session at `now`, with one more open allocation in it. */
  join(user: number, transport: Transport, now: number): number {
    const current = this.users.session[user] ?? -1;
    if (current !== -1) this.closeIfDue(current, now);
    const reusable = this.users.session[user] ?? -1;
    const slot = reusable === -1 ? this.open(user, now) : reusable;
    const { allocations, open } = this.table;
    allocations[slot] = (allocations[slot] ?? 0) + 1;
    open[slot] = (open[slot] ?? 0) + 1;
    this.table.addTransport(slot, transport);
    this.table.changes.mark(slot);
    return slot;
  }

  /** What one of its allocations carried while the agent was away has come to light. */
  markRecovered(slot: number): void {
    this.table.set(slot, RECOVERED);
    this.table.changes.mark(slot);
  }

  /** Whether the session that had this number is still open at `now`; one whose linger has passed is closed here. */
  isOpen(slot: number, sequence: number, now: number): boolean {
    if (this.table.sequence[slot] !== sequence) return false;
    return this.held || !this.table.has(slot, QUEUED) || !this.closeIfDue(slot, now);
  }

  sequenceOf(slot: number): number {
    return this.table.sequence[slot] ?? 0;
  }

  /** One of its allocations began at `startedAt`. */
  backdate(slot: number, startedAt: number): void {
    this.table.startedAt[slot] = Math.min(this.table.startedAt[slot] ?? startedAt, startedAt);
    this.table.changes.mark(slot);
  }

  traffic(slot: number, leg: Leg, counts: LegCounts, now: number): void {
    this.add(slot, leg, counts);
    this.table.lastTrafficAt[slot] = now;
  }

  /** What came to light after the traffic: it counts, but does not keep the session open. */
  add(slot: number, leg: Leg, counts: LegCounts): void {
    addCounts(this.table.counts, slot * COUNTS_PER_ROW, leg, counts);
    this.table.changes.mark(slot, COUNTS);
  }

  /** An open allocation of the session has relayed its first peer traffic. */
  relaying(slot: number): void {
    const { openRelaying } = this.table;
    openRelaying[slot] = (openRelaying[slot] ?? 0) + 1;
  }

  leave(slot: number, leaving: Leaving): void {
    const { table } = this;
    table.open[slot] = (table.open[slot] ?? 0) - 1;
    if (leaving.relayed) {
      table.openRelaying[slot] = (table.openRelaying[slot] ?? 0) - 1;
      table.closedRelaying[slot] = (table.closedRelaying[slot] ?? 0) + 1;
    }
    if (leaving.relayed || (table.closedRelaying[slot] ?? 0) === 0) {
      table.endReason[slot] = CLOSE_REASONS.indexOf(leaving.reason);
    }
    if (leaving.estimated) table.set(slot, ESTIMATED);
    table.lastCloseAt[slot] = Math.max(table.lastCloseAt[slot] ?? 0, leaving.at);
    table.changes.mark(slot);
    this.enqueue(slot);
  }

  /** Closes the sessions whose linger has passed. */
  advance(now: number): void {
    if (this.held) return;
    for (const { slot, sequence } of this.lingering.due(now)) {
      if (this.table.sequence[slot] === sequence) this.review(slot, now);
    }
  }

  /** Closes the sessions that nothing is open in, without their linger: their servers have stopped. */
  closeIdle(): void {
    for (let slot = 0; slot < this.table.end; slot++) {
      if (this.table.inUse(slot) && this.table.open[slot] === 0) this.close(slot);
    }
  }

  /**
   * Takes the user's session away while `work` makes others for it, which are over: what came to light lies before
   * that session began.
   */
  apart(user: number, now: number, work: () => void): void {
    const current = this.users.session[user] ?? -1;
    this.users.session[user] = -1;
    work();
    const made = this.users.session[user] ?? -1;
    if (made !== -1) this.closeIfDue(made, now);
    this.users.session[user] = current;
  }

  /** Whether the user has a session, and it began more than `linger` after `at`. */
  beganLater(user: number, at: number): boolean {
    const current = this.users.session[user] ?? -1;
    return current !== -1 && (this.table.startedAt[current] ?? 0) > at + this.lingerMs;
  }

  /** A session that another run of the agent had open, in a row that was reserved; its open allocations join after it. */
  restore(stored: StoredSession, user: number): void {
    const { table } = this;
    const { slot, counts, transports } = stored;
    table.add(user, stored.startedAt, slot, stored.sequence);
    table.lastTrafficAt[slot] = stored.lastTrafficAt;
    table.lastCloseAt[slot] = stored.lastCloseAt;
    table.allocations[slot] = stored.allocations;
    table.closedRelaying[slot] = stored.closedRelaying;
    table.flags[slot] = stored.flags;
    table.endReason[slot] = CLOSE_REASONS.indexOf(stored.endReason);
    table.counts.set(counts, slot * COUNTS_PER_ROW);
    for (const transport of transports) table.addTransport(slot, transport);
    this.attach(slot, user);
  }

  /** An allocation that was open in a restored session. */
  rejoin(slot: number, relayed: boolean): void {
    const { open, openRelaying } = this.table;
    open[slot] = (open[slot] ?? 0) + 1;
    if (relayed) openRelaying[slot] = (openRelaying[slot] ?? 0) + 1;
  }

  /** Every allocation of the restored sessions has joined: those that may have to close linger again. */
  resume(): void {
    for (let slot = 0; slot < this.table.end; slot++) if (this.table.inUse(slot)) this.enqueue(slot);
  }

  private open(user: number, now: number): number {
    const slot = this.table.add(user, now);
    this.attach(slot, user);
    this.facts.sessionOpened?.(() => describeSession(this.table, this.registers, slot));
    return slot;
  }

  private attach(slot: number, user: number): void {
    this.users.session[user] = slot;
    this.users.retain(user);
    this.totals.realm(this.users.realmOf(user)).sessions++;
  }

  private enqueue(slot: number): void {
    const dueAt = this.dueAt(slot);
    if (dueAt === undefined || this.table.has(slot, QUEUED)) return;
    this.table.set(slot, QUEUED);
    this.lingering.add(slot, this.sequenceOf(slot), dueAt);
  }

  private review(slot: number, now: number): void {
    this.table.clear(slot, QUEUED);
    if (!this.closeIfDue(slot, now)) this.enqueue(slot);
  }

  private closeIfDue(slot: number, now: number): boolean {
    const dueAt = this.dueAt(slot);
    if (dueAt === undefined || dueAt > now) return false;
    this.close(slot);
    return true;
  }

  /** When the session closes if nothing more happens; undefined where only a close can bring that about. */
  private dueAt(slot: number): number | undefined {
    const { table } = this;
    const nothingOpen = table.open[slot] === 0;
    const relayingDone = table.openRelaying[slot] === 0 && (table.closedRelaying[slot] ?? 0) > 0;
    if (!nothingOpen && !relayingDone) return undefined;
    return this.endedAt(slot) + this.lingerMs;
  }

  private endedAt(slot: number): number {
    return Math.max(this.table.lastTrafficAt[slot] ?? 0, this.table.lastCloseAt[slot] ?? 0);
  }

  private close(slot: number): void {
    const { table } = this;
    const user = table.user[slot] ?? 0;
    const realm = this.totals.realm(this.users.realmOf(user));
    realm.sessions--;
    realm.sessionsClosed++;
    realm.sessionSeconds.observe((this.endedAt(slot) - (table.startedAt[slot] ?? 0)) / 1000);
    const peer = readCounts(table.counts, slot * COUNTS_PER_ROW, PEER_LEG);
    realm.sessionBytes.observe(peer.receivedBytes + peer.sentBytes);
    this.facts.sessionClosed?.({ ...describeSession(table, this.registers, slot), endedAt: this.endedAt(slot) });
    if (this.users.session[user] === slot) this.users.session[user] = -1;
    table.remove(slot);
    this.users.release(user);
  }
}

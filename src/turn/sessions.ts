import { addCounts, CLIENT_LEG, COUNTS_PER_ROW, PEER_LEG, readCounts, type Leg, type LegCounts } from './counts';
import { CLOSE_REASONS, type ClosedSession, type CloseReason, type FactListener } from './fact';
import type { Names } from './names';
import type { Registers } from './registers';
import type { RunningTotals } from './running-totals';
import { ESTIMATED, QUEUED, SessionTable } from './session-table';
import type { Transport } from './transport';
import type { UserTable } from './user-table';

interface Lingering {
  readonly slot: number;
  readonly sequence: number;
  readonly dueAt: number;
}

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
  private readonly table: SessionTable;
  private readonly users: UserTable;
  private readonly totals: RunningTotals;
  private readonly servers: Names;
  /** Those that may have to close, nearly in the order of time: `linger` is the same for all. */
  private readonly queue: Lingering[] = [];
  private head = 0;

  constructor(
    { users, totals, servers, capacity }: Omit<Registers, 'origins'>,
    private readonly lingerMs: number,
    private readonly facts: FactListener,
  ) {
    this.users = users;
    this.totals = totals;
    this.servers = servers;
    this.table = new SessionTable(capacity);
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
    return slot;
  }

  /** Whether the session that had this number is still open at `now`; one whose linger has passed is closed here. */
  isOpen(slot: number, sequence: number, now: number): boolean {
    if (this.table.sequence[slot] !== sequence) return false;
    return !this.table.has(slot, QUEUED) || !this.closeIfDue(slot, now);
  }

  sequenceOf(slot: number): number {
    return this.table.sequence[slot] ?? 0;
  }

  /** One of its allocations began at `startedAt`. */
  backdate(slot: number, startedAt: number): void {
    this.table.startedAt[slot] = Math.min(this.table.startedAt[slot] ?? startedAt, startedAt);
  }

  traffic(slot: number, leg: Leg, counts: LegCounts, now: number): void {
    addCounts(this.table.counts, slot * COUNTS_PER_ROW, leg, counts);
    this.table.lastTrafficAt[slot] = now;
  }

  /** What came to light after the traffic: it counts, but does not keep the session open. */
  add(slot: number, leg: Leg, counts: LegCounts): void {
    addCounts(this.table.counts, slot * COUNTS_PER_ROW, leg, counts);
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
    this.enqueue(slot);
  }

  /** Closes the sessions whose linger has passed. */
  advance(now: number): void {
    for (let first = this.queue[this.head]; first && first.dueAt <= now; first = this.queue[this.head]) {
      this.head++;
      if (this.table.sequence[first.slot] === first.sequence) this.review(first.slot, now);
    }
    if (this.head > 1024 && this.head * 2 > this.queue.length) {
      this.queue.splice(0, this.head);
      this.head = 0;
    }
  }

  private open(user: number, now: number): number {
    const slot = this.table.add(user, now);
    this.users.session[user] = slot;
    this.users.retain(user);
    this.totals.realm(this.users.realmOf(user)).sessions++;
    return slot;
  }

  private enqueue(slot: number): void {
    const dueAt = this.dueAt(slot);
    if (dueAt === undefined || this.table.has(slot, QUEUED)) return;
    this.table.set(slot, QUEUED);
    this.queue.push({ slot, sequence: this.table.sequence[slot] ?? 0, dueAt });
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
    this.facts.sessionClosed?.(this.describe(slot));
    this.users.session[user] = -1;
    table.remove(slot);
    this.users.release(user);
  }

  private describe(slot: number): ClosedSession {
    const { table, users } = this;
    const user = table.user[slot] ?? 0;
    return {
      sequence: table.sequence[slot] ?? 0,
      server: this.servers.nameOf(users.serverOf(user)),
      realm: this.totals.realmName(users.realmOf(user)),
      userId: users.idOf(user),
      username: users.usernameOf(user),
      startedAt: table.startedAt[slot] ?? 0,
      endedAt: this.endedAt(slot),
      allocations: table.allocations[slot] ?? 0,
      relayed: (table.closedRelaying[slot] ?? 0) + (table.openRelaying[slot] ?? 0) > 0,
      client: readCounts(table.counts, slot * COUNTS_PER_ROW, CLIENT_LEG),
      peer: readCounts(table.counts, slot * COUNTS_PER_ROW, PEER_LEG),
      transports: table.transportsOf(slot),
      endReason: CLOSE_REASONS[table.endReason[slot] ?? 0] ?? 'closed',
      settled: table.has(slot, ESTIMATED) ? 'estimated' : 'exact',
    };
  }
}

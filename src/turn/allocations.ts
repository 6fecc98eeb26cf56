import { ADOPTED, AllocationTable, ENDED, KEPT, RELAYED } from './allocation-table';
import { COUNTS } from './change-set';
import {
  addCounts,
  appendRow,
  CLIENT_LEG,
  COUNTS_PER_ROW,
  PEER_LEG,
  readCounts,
  type Leg,
  type LegCounts,
} from './counts';
import type { AllocationId, Endpoint, Principal } from './event';
import type { ClosedAllocation, CloseReason, FactListener } from './fact';
import type { Registers } from './registers';
import type { Cell } from './running-totals';
import type { Sessions } from './sessions';
import type { StoredAllocation } from './stored-row';

/** No session has this number, and no free row. */
const NO_SESSION = -1;
/** The others say what is going on just now. */
const STORED_FLAGS = RELAYED | ADOPTED | KEPT;

/** What is said of an allocation that did not begin under our eyes, and that coturn has not described. */
export const UNKNOWN_ENDPOINT: Endpoint = { transport: 'other', remote: '' };

/** The life of allocations: begun, counted, ended; each step moves the totals and the session along. */
export class Allocations {
  readonly table: AllocationTable;
  private ended = 0;

  constructor(
    private readonly registers: Registers,
    private readonly sessions: Sessions,
    private readonly facts: FactListener,
  ) {
    this.table = new AllocationTable(registers.capacity);
  }

  /** How many are open. */
  get open(): number {
    return this.table.size - this.ended;
  }

  isOpen(slot: number): boolean {
    return this.table.inUse(slot) && !this.table.has(slot, ENDED);
  }

  begin(id: AllocationId, principal: Principal, endpoint: Endpoint, now: number): number {
    const slot = this.table.add(id, endpoint);
    this.enter(slot, this.userFor(id.origin, principal), now);
    this.joinSession(slot, now);
    return slot;
  }

  /**
   * One that another run of the agent had open, in a row that was reserved. `session`: the row of the session that it
   * was in, or -1.
   */
  restore(stored: StoredAllocation, session: number): void {
    const { table } = this;
    const { slot } = stored;
    table.add(stored, stored, slot);
    this.enter(slot, this.userFor(stored.origin, stored), stored.startedAt);
    table.flags[slot] = stored.flags | KEPT;
    table.counts.set(stored.counts, slot * COUNTS_PER_ROW);
    table.session[slot] = session;
    table.sessionSequence[slot] = session === -1 ? NO_SESSION : stored.session;
    if (session !== -1) this.sessions.rejoin(session, table.has(slot, RELAYED));
  }

  /** The row of an open allocation as it is to be kept. */
  stored(slot: number): StoredAllocation {
    const { table } = this;
    const [high, low] = table.numbersOf(slot);
    return {
      slot,
      origin: table.originOf(slot),
      high,
      low,
      session: this.hasSession(slot) ? (table.sessionSequence[slot] ?? 0) : 0,
      startedAt: table.startedAt[slot] ?? 0,
      realm: this.realmOf(slot),
      username: this.usernameOf(slot),
      transport: table.transportOf(slot),
      remote: table.remoteOf(slot),
      flags: this.storedFlags(slot),
      counts: appendRow([], table.counts, slot * COUNTS_PER_ROW),
    };
  }

  storedFlags(slot: number): number {
    return (this.table.flags[slot] ?? 0) & STORED_FLAGS;
  }

  /** The number of a user that has an allocation or a session on this origin's server; -1 for any other. */
  existingUser(origin: number, { realm, username }: Principal): number {
    const { users, totals, servers, origins } = this.registers;
    return users.find(servers.numberOf(origins.serverOf(origin)), totals.realmNumber(realm), username);
  }

  /** A difference that coturn reported. */
  traffic(slot: number, leg: Leg, counts: LegCounts, now: number): void {
    addCounts(this.table.counts, slot * COUNTS_PER_ROW, leg, counts);
    this.table.changes.mark(slot, COUNTS);
    this.registers.totals.traffic(this.cellOf(slot), leg, counts);
    const session = this.sessionOf(slot, now);
    this.sessions.traffic(session, leg, counts, now);
    this.noteRelaying(slot, session, leg, counts, now);
  }

  /**
   * What the differences left out, found in the totals at the close. The running totals do not take it of an allocation
   * that is older than this run of the agent: it passed before, and a process before this one may have counted it.
   */
  settle(slot: number, leg: Leg, gap: LegCounts, now: number): void {
    addCounts(this.table.counts, slot * COUNTS_PER_ROW, leg, gap);
    this.table.changes.mark(slot, COUNTS);
    const session = this.sessionOf(slot, now);
    this.sessions.add(session, leg, gap);
    if (this.table.has(slot, ADOPTED | KEPT)) this.sessions.markRecovered(session);
    else this.registers.totals.traffic(this.cellOf(slot), leg, gap);
    this.noteRelaying(slot, session, leg, gap, now);
  }

  /** coturn has granted a Refresh. */
  refreshed(slot: number, now: number): void {
    this.cell(slot).refreshed++;
    if (this.facts.allocationRefreshed) this.facts.allocationRefreshed(this.idOf(slot), now);
  }

  /** coturn described an allocation that was adopted without a description. */
  describe(slot: number, endpoint: Endpoint): void {
    if (!this.isOpen(slot) || endpoint.transport === 'other' || this.table.transportOf(slot) !== 'other') return;
    const { totals, users } = this.registers;
    this.cell(slot).open--;
    this.table.describe(slot, endpoint);
    this.table.cell[slot] = totals.cellNumber(users.realmOf(this.userOf(slot)), endpoint.transport);
    this.cell(slot).open++;
    this.table.changes.mark(slot);
  }

  /** It began before it was first heard of, and its session with it. */
  backdate(slot: number, startedAt: number, now: number): void {
    this.table.startedAt[slot] = startedAt;
    this.table.changes.mark(slot);
    if (this.isInSession(slot, now)) this.sessions.backdate(this.table.session[slot] ?? 0, startedAt);
  }

  /** Ends it; its row stays, so that what still comes is known to belong to it, until `forget`. */
  end(slot: number, reason: CloseReason, at: number, estimated: boolean): void {
    const { totals, users } = this.registers;
    const relayed = this.table.has(slot, RELAYED);
    this.table.set(slot, ENDED);
    this.table.changes.mark(slot);
    this.ended++;
    if (this.isInSession(slot, at)) {
      this.sessions.leave(this.table.session[slot] ?? 0, { at, relayed, reason, estimated });
    }
    const user = this.userOf(slot);
    totals.allocationClosed(this.cellOf(slot), reason, this.table.counts, slot * COUNTS_PER_ROW);
    totals.realm(users.realmOf(user)).allocationSeconds.observe((at - (this.table.startedAt[slot] ?? at)) / 1000);
    if (this.facts.allocationEnded) this.facts.allocationEnded(this.idOf(slot), reason);
    this.facts.allocationClosed?.(this.closedAllocation(slot, reason, at, estimated));
    this.countUser(user, -1);
    users.release(user);
  }

  forget(slot: number): void {
    this.ended--;
    this.table.remove(slot);
  }

  /** The running totals that it counts in. */
  cell(slot: number): Cell {
    return this.registers.totals.cell(this.cellOf(slot));
  }

  userOf(slot: number): number {
    return this.table.user[slot] ?? 0;
  }

  usernameOf(slot: number): string {
    return this.registers.users.usernameOf(this.userOf(slot));
  }

  realmOf(slot: number): string {
    return this.registers.totals.realmName(this.registers.users.realmOf(this.userOf(slot)));
  }

  private noteRelaying(slot: number, session: number, leg: Leg, counts: LegCounts, now: number): void {
    if (leg !== PEER_LEG || this.table.has(slot, RELAYED)) return;
    if (counts.receivedPackets === 0 && counts.sentPackets === 0) return;
    this.table.set(slot, RELAYED);
    this.sessions.relaying(session);
    if (this.facts.allocationRelaying) this.facts.allocationRelaying(this.idOf(slot), now);
  }

  /** The session that what it carries now belongs to; another than before where that one has closed without it. */
  private sessionOf(slot: number, now: number): number {
    if (!this.isInSession(slot, now)) this.joinSession(slot, now);
    return this.table.session[slot] ?? 0;
  }

  /** Whether it is this user's. */
  isOf(slot: number, principal: Principal): boolean {
    return this.userOf(slot) === this.existingUser(this.table.originOf(slot), principal);
  }

  private userFor(origin: number, { realm, username }: Principal): number {
    const { users, totals, servers, origins } = this.registers;
    return users.intern(servers.numberOf(origins.serverOf(origin)), totals.realmNumber(realm), username);
  }

  /** Whether the session that it was last in is still open. */
  hasSession(slot: number): boolean {
    return this.sessions.sequenceOf(this.table.session[slot] ?? -1) === this.table.sessionSequence[slot];
  }

  private idOf(slot: number): AllocationId {
    const [high, low] = this.table.numbersOf(slot);
    return { origin: this.table.originOf(slot), high, low };
  }

  private enter(slot: number, user: number, startedAt: number): void {
    const { users, totals } = this.registers;
    this.table.user[slot] = user;
    this.table.startedAt[slot] = startedAt;
    this.table.cell[slot] = totals.cellNumber(users.realmOf(user), this.table.transportOf(slot));
    this.table.changes.mark(slot);
    this.cell(slot).open++;
    users.retain(user);
    this.countUser(user, 1);
  }

  private isInSession(slot: number, now: number): boolean {
    return this.sessions.isOpen(this.table.session[slot] ?? 0, this.table.sessionSequence[slot] ?? 0, now);
  }

  private joinSession(slot: number, now: number): void {
    const session = this.sessions.join(this.userOf(slot), this.table.transportOf(slot), now);
    this.table.session[slot] = session;
    this.table.sessionSequence[slot] = this.sessions.sequenceOf(session);
    this.table.changes.mark(slot);
  }

  private countUser(user: number, change: 1 | -1): void {
    const { users, totals } = this.registers;
    const open = (users.openAllocations[user] ?? 0) + change;
    users.openAllocations[user] = open;
    if (open === 0 || (open === 1 && change === 1)) totals.realm(users.realmOf(user)).users += change;
  }

  private closedAllocation(slot: number, reason: CloseReason, at: number, estimated: boolean): ClosedAllocation {
    const { table, registers } = this;
    return {
      id: table.idOf(slot),
      origin: table.originOf(slot),
      session: table.sessionSequence[slot] ?? NO_SESSION,
      server: registers.servers.nameOf(registers.users.serverOf(this.userOf(slot))),
      realm: this.realmOf(slot),
      username: this.usernameOf(slot),
      transport: table.transportOf(slot),
      startedAt: table.startedAt[slot] ?? 0,
      endedAt: at,
      client: readCounts(table.counts, slot * COUNTS_PER_ROW, CLIENT_LEG),
      peer: readCounts(table.counts, slot * COUNTS_PER_ROW, PEER_LEG),
      reason,
      settled: estimated ? 'estimated' : 'exact',
    };
  }

  private cellOf(slot: number): number {
    return this.table.cell[slot] ?? 0;
  }
}

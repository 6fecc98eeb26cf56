import { CLOSING, KEPT } from './allocation-table';
import type { Allocations } from './allocations';
import { CLIENT_LEG, COUNTS_PER_ROW, PEER_LEG, readCounts, type LegCounts } from './counts';
import type { Principal } from './event';
import type { Registers } from './registers';
import { describeSession, type SessionDescription } from './session-description';
import type { Sessions } from './sessions';
import type { Transport } from './transport';

/** An open allocation, for people. */
export interface AllocationView {
  /** coturn's, 18 digits. */
  readonly id: string;
  readonly transport: Transport;
  /** The client's `ip:port`, or empty. */
  readonly remote: string;
  /** By the relay's clock. */
  readonly startedAt: number;
  /** What is left of its lifetime. */
  readonly lifetimeSeconds: number;
  readonly client: LegCounts;
  readonly peer: LegCounts;
}

/** Looks at what is open; nothing here changes it. Allocations and sessions are known by the slots of their rows. */
export class OpenView {
  constructor(
    private readonly registers: Registers,
    private readonly rows: Allocations,
    private readonly sessions: Sessions,
  ) {}

  /** The open allocations, of one origin or of all. */
  *allocations(origin?: number): Generator<number> {
    const { table } = this.rows;
    for (let slot = 0; slot < table.end; slot++) {
      if (this.rows.isOpen(slot) && (origin === undefined || table.originOf(slot) === origin)) yield slot;
    }
  }

  /** The open allocations of the users whose ids these are. */
  allocationsOf(isMeant: (userId: string) => boolean): number[] {
    const meant = new Map<number, boolean>();
    return [...this.allocations()].filter((slot) => {
      const user = this.rows.userOf(slot);
      const known = meant.get(user) ?? isMeant(this.registers.users.idOf(user));
      meant.set(user, known);
      return known;
    });
  }

  /** The open allocations that have this id, one an origin at most. */
  withId(high: number, low: number): number[] {
    const found = this.registers.origins.all().map((origin) => this.rows.table.find(origin, high, low));
    return found.filter((slot) => slot !== -1 && this.rows.isOpen(slot));
  }

  /** The allocation that has this id in the origin, open or just ended; -1 where there is none. */
  find(origin: number, high: number, low: number): number {
    return this.rows.table.find(origin, high, low);
  }

  /** Whether it is this user's. */
  isOf(slot: number, principal: Principal): boolean {
    return this.rows.isOf(slot, principal);
  }

  realmOf(slot: number): string {
    return this.rows.realmOf(slot);
  }

  usernameOf(slot: number): string {
    return this.rows.usernameOf(slot);
  }

  /** Whether it is open, and the first word of its end has not come. */
  isLive(slot: number): boolean {
    return this.rows.isOpen(slot) && !this.rows.table.has(slot, CLOSING);
  }

  startedAt(slot: number): number {
    return this.rows.table.startedAt[slot] ?? 0;
  }

  principalOf(slot: number): Principal {
    return { realm: this.rows.realmOf(slot), username: this.rows.usernameOf(slot) };
  }

  /** coturn's id of an allocation, 18 digits. */
  idOf(slot: number): string {
    return this.rows.table.idOf(slot);
  }

  /** Whether it was open before this run of the agent. */
  isKept(slot: number): boolean {
    return this.rows.table.has(slot, KEPT);
  }

  originOf(slot: number): number {
    return this.rows.table.originOf(slot);
  }

  /** What an open allocation is at `now`. */
  allocation(slot: number, now: number): AllocationView {
    const { table } = this.rows;
    return {
      id: table.idOf(slot),
      transport: table.transportOf(slot),
      remote: table.remoteOf(slot),
      startedAt: table.startedAt[slot] ?? 0,
      lifetimeSeconds: Math.max(0, Math.ceil(((table.expiresAt[slot] ?? 0) - now) / 1000)),
      client: readCounts(table.counts, slot * COUNTS_PER_ROW, CLIENT_LEG),
      peer: readCounts(table.counts, slot * COUNTS_PER_ROW, PEER_LEG),
    };
  }

  /** The sessions under way from this slot on. */
  *sessionsFrom(first: number): Generator<number> {
    const { table } = this.sessions;
    for (let slot = first; slot < table.end; slot++) if (table.inUse(slot)) yield slot;
  }

  /** The sessions that a user, given by a user name or the id in it, has under way on any server and in any realm. */
  sessionsOf(username: string): number[] {
    const { users, servers, totals } = this.registers;
    const slots: number[] = [];
    for (let server = 0; server < servers.size; server++) {
      for (let realm = 0; realm < totals.realms.length; realm++) {
        const user = users.find(server, realm, username);
        if (user !== -1) slots.push(users.session[user] ?? -1);
      }
    }
    return slots.filter((slot) => slot !== -1);
  }

  /** The slot of the session with this number, or -1. */
  sessionNumbered(sequence: number): number {
    return sequence > 0 ? this.sessions.table.sequence.indexOf(sequence) : -1;
  }

  /** How many sessions these open allocations are in. */
  sessionsWith(allocations: readonly number[]): number {
    const { session } = this.rows.table;
    return new Set(allocations.filter((slot) => this.rows.hasSession(slot)).map((slot) => session[slot])).size;
  }

  session(slot: number): SessionDescription {
    return describeSession(this.sessions.table, this.registers, slot);
  }

  /** The open allocations of each of these sessions; one pass over all of them. */
  allocationsIn(sessions: readonly number[]): Map<number, number[]> {
    const found = new Map<number, number[]>(sessions.map((slot) => [slot, []]));
    for (const slot of this.allocations()) {
      if (this.rows.hasSession(slot)) found.get(this.rows.table.session[slot] ?? -1)?.push(slot);
    }
    return found;
  }
}

import type { Allocations } from './allocations';
import type { Changes, Extent } from './change-set';
import { appendRow, COUNTS_PER_ROW } from './counts';
import type { Registers } from './registers';
import { storedSession } from './session-description';
import type { Sessions } from './sessions';
import { MAX_LIFETIME_MS } from './stale';
import type { StoredAllocation, StoredSession, StoredState } from './stored-row';

/** The rows of what is open, for whoever keeps them over a restart of the agent. */
export class OpenRows {
  constructor(
    private readonly registers: Registers,
    private readonly allocations: Allocations,
    private readonly sessions: Sessions,
  ) {}

  /** From now on changes are noted. */
  track(): void {
    this.sessions.table.changes.track();
    this.allocations.table.changes.track();
  }

  /** The slots of the sessions that have changed since the last call, closed ones among them. */
  changedSessions(): Changes {
    return this.sessions.table.changes.drain();
  }

  /** The slots that `changedSessions` gave since; whoever asks takes out those they have dealt with. */
  followSessions(): Set<number> {
    return this.sessions.table.changes.follow();
  }

  changedAllocations(): Changes {
    return this.allocations.table.changes.drain();
  }

  /** The next call for changes gives this one too. */
  touchSession(slot: number, extent?: Extent): void {
    this.sessions.table.changes.mark(slot, extent);
  }

  touchAllocation(slot: number, extent?: Extent): void {
    this.allocations.table.changes.mark(slot, extent);
  }

  /** Undefined where no session is open. */
  session(slot: number): StoredSession | undefined {
    return this.sessions.table.inUse(slot) ? storedSession(this.sessions.table, this.registers, slot) : undefined;
  }

  /** Undefined where no allocation is open. */
  allocation(slot: number): StoredAllocation | undefined {
    return this.allocations.isOpen(slot) ? this.allocations.stored(slot) : undefined;
  }

  /** Appends the `NUMBERS_A_ROW` of an open session or allocation. */
  appendCounts(table: 'sessions' | 'allocations', slot: number, values: number[]): void {
    const { lastTrafficAt } = this.sessions.table;
    values.push(slot, table === 'sessions' ? Math.floor(lastTrafficAt[slot] ?? 0) : this.allocations.storedFlags(slot));
    appendRow(values, this[table].table.counts, slot * COUNTS_PER_ROW);
  }

  origins(): StoredState['origins'] {
    const { origins } = this.registers;
    return origins.all().map((origin) => ({ origin, key: origins.keyOf(origin), server: origins.serverOf(origin) }));
  }

  /** Begins with what another run of the agent kept; nothing was applied before. */
  restore(state: StoredState, now: number): void {
    const { users, servers, totals, origins } = this.registers;
    for (const { origin, server, key } of state.origins) origins.restore(origin, server, key);
    this.sessions.table.reserve(state.sessions.map(({ slot }) => slot));
    for (const session of state.sessions) {
      const { server, realm, username } = session;
      this.sessions.restore(session, users.intern(servers.numberOf(server), totals.realmNumber(realm), username));
    }
    this.restoreAllocations(state, now);
    this.sessions.resume();
  }

  private restoreAllocations({ sessions, allocations }: StoredState, now: number): void {
    const slots = new Map(sessions.map(({ sequence, slot }) => [sequence, slot]));
    this.allocations.table.reserve(allocations.map(({ slot }) => slot));
    for (const allocation of allocations) {
      this.allocations.restore(allocation, slots.get(allocation.session) ?? -1);
      this.allocations.table.expiresAt[allocation.slot] = now + MAX_LIFETIME_MS;
    }
  }
}

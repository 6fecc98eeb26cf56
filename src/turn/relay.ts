import { ADOPTED, ENDED, FORCED, RELEASED } from './allocation-table';
import { Allocations, UNKNOWN_ENDPOINT } from './allocations';
import { CLIENT_LEG, isZero } from './counts';
import { Endings } from './endings';
import type { Endpoint, FoundEvent, LegEvent, Outcome, StatusEvent, TurnEvent } from './event';
import type { FactListener } from './fact';
import { Names } from './names';
import { OpenRows } from './open-rows';
import { OpenView } from './open-view';
import { Origins } from './origins';
import { Recovery, type RecoveredAllocation } from './recovery';
import type { Registers } from './registers';
import { RunningTotals } from './running-totals';
import { Sessions } from './sessions';
import { MAX_LIFETIME_MS, StaleSweep } from './stale';
import { UserTable } from './user-table';

export interface RelayOptions {
  readonly lingerMs: number;
  /** Between expiry and user in a REST user name. */
  readonly separator: string;
  /** More allocations than this are refused: a bound on memory. */
  readonly maxAllocations: number;
  /** Realms whose series exist from the start. */
  readonly realms: readonly string[];
}

const MAX_SERVERS = 1000;
/** Rows that are reserved from the start: some 300 MB of addresses, of which only what is used takes memory. */
const MAX_RESERVED = 1_048_576;

/**
 * The relay's state machine: from what the sources tell, and the time, to allocations, sessions and running totals.
 * `now` is milliseconds of a clock that never steps. Every byte is counted once: in the running totals of its realm
 * and transport, and in one session.
 */
export class Relay {
  readonly totals: RunningTotals;
  readonly origins = new Origins();
  readonly rows: OpenRows;
  readonly view: OpenView;
  private readonly allocations: Allocations;
  private readonly sessions: Sessions;
  private readonly endings: Endings;
  private readonly recovery: Recovery;
  private readonly stale: StaleSweep;
  /** The last client leg told of an unknown allocation, by origin: the peer leg, which comes next, proves it or not. */
  private readonly unproven = new Map<number, LegEvent>();

  constructor(
    private readonly options: RelayOptions,
    facts: FactListener = {},
  ) {
    this.totals = new RunningTotals(options.realms);
    const capacity = Math.min(options.maxAllocations, MAX_RESERVED);
    const registers: Registers = {
      capacity,
      users: new UserTable(options.separator, capacity),
      servers: new Names(MAX_SERVERS, 'other'),
      totals: this.totals,
      origins: this.origins,
    };
    this.sessions = new Sessions(registers, options.lingerMs, facts);
    this.allocations = new Allocations(registers, this.sessions, facts);
    this.endings = new Endings(this.allocations);
    this.recovery = new Recovery(this.allocations, this.sessions, this.endings);
    this.stale = new StaleSweep(this.allocations, this.origins);
    this.rows = new OpenRows(registers, this.allocations, this.sessions);
    this.view = new OpenView(registers, this.allocations, this.sessions);
  }

  get openAllocations(): number {
    return this.allocations.open;
  }

  /** Whether the allocation is known, open or just ended: then its events need no principal. */
  knows(origin: number, high: number, low: number): boolean {
    return this.allocations.table.find(origin, high, low) !== -1;
  }

  apply(event: TurnEvent, now: number): Outcome {
    const slot = this.allocations.table.find(event.origin, event.high, event.low);
    switch (event.kind) {
      case 'traffic':
        return slot === -1 ? this.unknownTraffic(event, now) : this.traffic(slot, event, now);
      case 'new':
        return this.created(slot, event, now);
      case 'refreshed':
        return this.refreshed(slot, event, now);
      case 'found':
        return this.found(slot, event, now);
      case 'deleted':
        return this.deleted(slot, event, now);
      case 'totals':
        return this.settled(slot, event, now);
    }
  }

  /** These open allocations end by an operator's doing when they end. */
  markForced(slots: Iterable<number>): void {
    for (const slot of slots) this.allocations.table.set(slot, FORCED);
  }

  /** The same of all that are open, and of those that begin while coturn is being stopped. */
  forceAll(): void {
    this.markForced(this.view.allocations());
    this.endings.isForced = true;
  }

  /** The server's life is over: what was open has ended with it, unsettled. */
  endOrigin(origin: number, now: number): void {
    for (const slot of this.view.allocations(origin)) this.endings.lose(slot, 'lost', now);
    this.unproven.delete(origin);
    this.origins.remove(origin);
  }

  /** These open allocations have ended, at `at` as far as is known, and nobody will tell more of them. */
  giveUp(slots: Iterable<number>, now: number, at = now): void {
    for (const slot of slots) this.endings.lose(slot, 'lost', now, at);
  }

  /** What happens by the passing of time alone; to be called about every second. */
  advance(now: number): void {
    this.endings.advance(now);
    for (const slot of this.stale.next(now)) this.endings.lose(slot, 'stale', now);
    this.sessions.advance(now);
  }

  /** The sequence numbers of the sessions to come: none of them was given before. */
  numberSessionsFrom(first: number): void {
    this.sessions.table.numberFrom(first);
  }

  /** While held, time closes no session: what happened while no agent ran is still being found out. */
  holdSessions(held: boolean): void {
    this.sessions.held = held;
  }

  /** Every server has stopped: sessions that nothing is open in are over without their linger. */
  closeIdleSessions(): void {
    this.sessions.closeIdle();
  }

  /**
   * Takes up allocations that ended without a word on the stats connection. Gives how many were left out, because that
   * had told of another user.
   */
  recover(recovered: readonly RecoveredAllocation[], now: number): number {
    return this.recovery.apply(recovered, now);
  }

  private created(slot: number, event: StatusEvent, now: number): Outcome {
    if (slot !== -1 && this.isRepeat(slot, event)) {
      this.allocations.describe(slot, event.endpoint);
      this.noteBeginning(slot);
      return 'applied';
    }
    if (slot !== -1) this.endings.supersede(slot, now);
    if (!this.hasRoom()) return 'full';
    const begun = this.allocations.begin(event, event.principal(), event.endpoint, now);
    this.allocations.cell(begun).created++;
    this.setLifetime(begun, event.lifetimeSeconds * 1000, now);
    return 'applied';
  }

  private refreshed(slot: number, event: StatusEvent, now: number): Outcome {
    const known = slot === -1 ? this.adopt(event, event.endpoint, now) : slot;
    if (known === -1) return 'full';
    if (!this.allocations.isOpen(known)) return 'applied';
    this.allocations.describe(known, event.endpoint);
    if (event.lifetimeSeconds === 0) {
      this.allocations.table.set(known, RELEASED);
    } else {
      this.allocations.refreshed(known, now);
      this.setLifetime(known, event.lifetimeSeconds * 1000, now);
    }
    return 'applied';
  }

  /** What is known of it already was told since it was listed, its end included. */
  private found(slot: number, event: FoundEvent, now: number): Outcome {
    const known = slot === -1 ? this.adopt(event, event.endpoint, now) : slot;
    if (known === -1) return 'full';
    if (!this.allocations.isOpen(known) || !this.allocations.table.has(known, ADOPTED)) return 'applied';
    this.allocations.describe(known, event.endpoint);
    this.allocations.backdate(known, now - event.ageSeconds * 1000, now);
    this.setLifetime(known, event.lifetimeSeconds * 1000, now);
    return 'applied';
  }

  private traffic(slot: number, event: LegEvent, now: number): Outcome {
    const { table } = this.allocations;
    if (table.has(slot, ENDED) || this.endings.isSettled(slot, event.leg) || isZero(event)) return 'applied';
    this.allocations.traffic(slot, event.leg, event, now);
    if ((table.expiresAt[slot] ?? 0) < now) this.setLifetime(slot, MAX_LIFETIME_MS, now);
    return 'applied';
  }

  /**
   * coturn reports the client leg also of clients that never authenticated, 4.17.1 under whatever user name they gave.
   * Only peer traffic proves an allocation that was not seen to begin.
   */
  private unknownTraffic(event: LegEvent, now: number): Outcome {
    const held = this.unproven.get(event.origin);
    this.unproven.delete(event.origin);
    if (event.leg === CLIENT_LEG) {
      if (!isZero(event)) this.unproven.set(event.origin, event);
      return 'unknown';
    }
    if (isZero(event)) return 'unknown';
    const slot = this.adopt(event, UNKNOWN_ENDPOINT, now);
    if (slot === -1) return 'full';
    if (held?.high === event.high && held.low === event.low) this.traffic(slot, held, now);
    return this.traffic(slot, event, now);
  }

  private deleted(slot: number, event: TurnEvent, now: number): Outcome {
    const known = slot === -1 ? this.adopt(event, UNKNOWN_ENDPOINT, now) : slot;
    if (known === -1) return 'full';
    if (this.allocations.isOpen(known)) this.endings.deleted(known, now);
    return 'applied';
  }

  private settled(slot: number, event: LegEvent, now: number): Outcome {
    if (slot === -1) return 'unknown';
    if (this.allocations.isOpen(slot)) this.endings.totals(slot, event.leg, event, now);
    return 'applied';
  }

  /** An allocation that was under way when it was first heard of; -1 where there is no room. */
  private adopt(event: TurnEvent, endpoint: Endpoint, now: number): number {
    if (!this.hasRoom() || !this.origins.has(event.origin)) return -1;
    const slot = this.allocations.begin(event, event.principal(), endpoint, now);
    this.allocations.table.set(slot, ADOPTED);
    this.setLifetime(slot, MAX_LIFETIME_MS, now);
    return slot;
  }

  /** The listing that it was found in overtook its `new`: nothing of it was told to anyone before. */
  private noteBeginning(slot: number): void {
    const { table } = this.allocations;
    if (!this.allocations.isOpen(slot) || !table.has(slot, ADOPTED)) return;
    table.clear(slot, ADOPTED);
    this.allocations.cell(slot).created++;
  }

  /** The same `new` again, or late, rather than coturn giving an id once more after a restart. */
  private isRepeat(slot: number, event: StatusEvent): boolean {
    const { table } = this.allocations;
    if (table.has(slot, ADOPTED) && table.remoteOf(slot) === '') return true;
    return event.endpoint.remote !== '' && table.remoteOf(slot) === event.endpoint.remote;
  }

  private hasRoom(): boolean {
    return this.allocations.table.size < this.options.maxAllocations;
  }

  private setLifetime(slot: number, milliseconds: number, now: number): void {
    this.allocations.table.expiresAt[slot] = now + milliseconds;
  }
}

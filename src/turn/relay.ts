import { ADOPTED, ENDED, FORCED, RELEASED } from './allocation-table';
import { Allocations, UNKNOWN_ENDPOINT } from './allocations';
import { CLIENT_LEG, isZero } from './counts';
import { Endings } from './endings';
import type { Endpoint, FoundEvent, LegEvent, Outcome, Principal, StatusEvent, TurnEvent } from './event';
import type { FactListener } from './fact';
import { Names } from './names';
import { Origins } from './origins';
import type { Registers } from './registers';
import { RunningTotals } from './running-totals';
import { Sessions } from './sessions';
import type { Transport } from './transport';
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

/** An open allocation, for people. */
export interface AllocationView {
  readonly transport: Transport;
  /** The client's `ip:port`, or empty. */
  readonly remote: string;
  /** What is left of its lifetime. */
  readonly lifetimeSeconds: number;
}

const MAX_SERVERS = 1000;
/** Rows that are reserved from the start: some 300 MB of addresses, of which only what is used takes memory. */
const MAX_RESERVED = 1_048_576;

/** coturn's `max-allocate-lifetime` unless configured: no allocation goes longer without a Refresh. */
const MAX_LIFETIME_MS = 3_600_000;
/** coturn ends an allocation within seconds of its lifetime; by then its `deleted` was lost. */
const STALE_GRACE_MS = 60_000;
const ROWS_A_SWEEP = 20_000;

/**
 * The relay's state machine: from what the sources tell, and the time, to allocations, sessions and running totals.
 * `now` is milliseconds of a clock that never steps. Every byte is counted once: in the running totals of its realm
 * and transport, and in one session.
 */
export class Relay {
  readonly totals: RunningTotals;
  readonly origins = new Origins();
  private readonly allocations: Allocations;
  private readonly sessions: Sessions;
  private readonly endings: Endings;
  /** The last client leg told of an unknown allocation, by origin: the peer leg, which comes next, proves it or not. */
  private readonly unproven = new Map<number, LegEvent>();
  private sweepFrom = 0;

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

  /** What is open now, or what is given of it, ends by an operator's doing when it ends. */
  markForced(slots: Iterable<number> = this.openSlots()): void {
    for (const slot of slots) this.allocations.table.set(slot, FORCED);
  }

  /** The server's life is over: what was open has ended with it, unsettled. */
  endOrigin(origin: number, now: number): void {
    for (const slot of this.openSlots(origin)) this.endings.lose(slot, 'lost', now);
    this.unproven.delete(origin);
    this.origins.remove(origin);
  }

  /** What happens by the passing of time alone; to be called about every second. */
  advance(now: number): void {
    this.endings.advance(now);
    this.sweep(now);
    this.sessions.advance(now);
  }

  /** The slots of the open allocations, of one origin or of all; `describe` says what they are. */
  *openSlots(origin?: number): Generator<number> {
    const { table } = this.allocations;
    for (let slot = 0; slot < table.end; slot++) {
      if (this.allocations.isOpen(slot) && (origin === undefined || table.originOf(slot) === origin)) yield slot;
    }
  }

  /** The open allocations that have this id, one an origin at most. */
  slotsOf(high: number, low: number): number[] {
    const found = this.origins.all().map((origin) => this.allocations.table.find(origin, high, low));
    return found.filter((slot) => slot !== -1 && this.allocations.isOpen(slot));
  }

  principalOf(slot: number): Principal {
    return { realm: this.allocations.realmOf(slot), username: this.allocations.usernameOf(slot) };
  }

  /** What an open allocation is at `now`. */
  describe(slot: number, now: number): AllocationView {
    const { table } = this.allocations;
    return {
      transport: table.transportOf(slot),
      remote: table.remoteOf(slot),
      lifetimeSeconds: Math.max(0, Math.ceil(((table.expiresAt[slot] ?? 0) - now) / 1000)),
    };
  }

  /** coturn's id of an allocation, 18 digits. */
  idOf(slot: number): string {
    return this.allocations.table.idOf(slot);
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
      this.allocations.cell(known).refreshed++;
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

  /** Looks at some rows each time: an allocation far beyond its lifetime is gone, though nobody said so. */
  private sweep(now: number): void {
    const { table } = this.allocations;
    const until = Math.min(table.end, this.sweepFrom + ROWS_A_SWEEP);
    for (let slot = this.sweepFrom; slot < until; slot++) {
      if (this.allocations.isOpen(slot) && this.isStale(slot, now)) this.endings.lose(slot, 'stale', now);
    }
    this.sweepFrom = until >= table.end ? 0 : until;
  }

  private isStale(slot: number, now: number): boolean {
    const { table } = this.allocations;
    const heardSince = this.origins.heardSince(table.originOf(slot));
    if (heardSince === undefined) return false;
    return now > (table.expiresAt[slot] ?? 0) + STALE_GRACE_MS && now > heardSince + MAX_LIFETIME_MS;
  }
}

import type { StatsChannel } from '../../coturn/stats-channel';
import type { Relay } from '../../turn/relay';
import type { Tally } from '../source-counters';
import type { MessageKind, OriginFinder } from '../stats-events';
import type { RedisCounters } from './counters';

export interface RedisOriginsOptions {
  readonly relay: Relay;
  /** What records call the server at this address; empty: one that says none, as older coturns. */
  readonly nameOf: (address: string) => string;
  /** The addresses of the coturns that are measured; empty: all that write to this Redis. */
  readonly servers: readonly string[];
  readonly counters: RedisCounters;
}

const KEY_START = 'redis:';
const LANE_START = '#';
/** Servers, times how many allocations of one server share an id. */
const MAX_ORIGINS = 4096;
/** Ids of which two allocations of one user are open at once: rare. */
const MAX_AMBIGUOUS = 10_000;

/**
 * Tells apart whose allocation a message in Redis is of. Its channel names neither the server nor the server's life, and
 * coturn's ids are unique in one life only: what is left is the user, and the server's own address, which coturn 4.6.1
 * and later say when they give a lifetime. So an origin here is an address and a lane: allocations of one address that
 * share an id and differ in user are in lanes of their own. Where one user has the same id on two servers at once,
 * what coturn reports goes to the one that began last, and the totals of both are left out.
 */
export class RedisOrigins implements OriginFinder {
  private readonly lanes = new Map<string, number[]>();
  private all: readonly number[] = [];
  private idle: ReadonlySet<number> = new Set();
  private readonly ambiguous = new Set<string>();
  /** Of the last message; -1: it is to be looked for. */
  private lastOrigin = -1;

  constructor(private readonly options: RedisOriginsOptions) {}

  /** Takes up the origins that another run of the agent knew, and ends those of other sources. */
  restore(now: number): void {
    const { relay } = this.options;
    for (const origin of relay.origins.all()) {
      const address = addressOf(relay.origins.keyOf(origin));
      if (address === undefined) relay.endOrigin(origin, now);
      else this.enter(address, origin);
    }
  }

  /** All of them. */
  get numbers(): ReadonlySet<number> {
    return new Set(this.all);
  }

  /** Whether Redis is heard since `since`; undefined: it is not, so that silence says nothing. */
  setHeard(since: number | undefined): void {
    for (const origin of this.all) this.options.relay.origins.setHeard(origin, since);
  }

  /** Those of servers at these addresses. */
  atAddresses(addresses: ReadonlySet<string>): number[] {
    return [...this.lanes].flatMap(([address, origins]) => (addresses.has(address) ? origins : []));
  }

  originFor(channel: StatsChannel, kind: MessageKind, local: string, now: number): number | Tally {
    // What coturn tells of one allocation comes in twos and fives.
    const isSame = local === '' && this.lastOrigin !== -1 && channel.isAsKept();
    const known = isSame ? this.lastOrigin : this.look(channel, local, now);
    if (typeof known !== 'number') return known;
    if (!isSame) channel.keep();
    const isAmbiguous = this.isAmbiguous(channel);
    this.lastOrigin = isAmbiguous ? -1 : known;
    return isAmbiguous && kind === 'totals' ? this.options.counters.refused.ambiguous : known;
  }

  private look(channel: StatsChannel, local: string, now: number): number | Tally {
    const { refused } = this.options.counters;
    const address = addressIn(local);
    if (address !== '' && !this.isMeasured(address)) return refused.other_server;
    const known = this.holder(channel, address);
    if (known !== -1) return known;
    if (address === '' && this.options.servers.length > 0) return refused.other_server;
    const origin = this.freeLane(address === '' ? this.onlyAddress() : address, channel, now);
    return origin === -1 ? refused.full : origin;
  }

  private isMeasured(address: string): boolean {
    const { servers } = this.options;
    return servers.length === 0 || servers.includes(address);
  }

  /** The origin of the user's allocation with this id, at this address if one is given; of several the newest; or -1. */
  private holder(channel: StatsChannel, address: string): number {
    const { view } = this.options.relay;
    let newest = -1;
    let isOnlyOne = true;
    for (const origin of address === '' ? this.all : this.lanesOf(address)) {
      const slot = this.slotIn(origin, channel);
      if (slot === -1) continue;
      if (newest !== -1) isOnlyOne = false;
      if (newest === -1 || rank(view, slot) > rank(view, newest)) newest = slot;
    }
    if (!isOnlyOne && address === '') this.noteAmbiguous(channel);
    return newest === -1 ? -1 : view.originOf(newest);
  }

  /** Those of an address, and of servers that have not told theirs. */
  private lanesOf(address: string): number[] {
    return [...(this.lanes.get(address) ?? []), ...(this.lanes.get('') ?? [])];
  }

  private slotIn(origin: number, channel: StatsChannel): number {
    const { view } = this.options.relay;
    const slot = view.find(origin, channel.high, channel.low);
    if (slot === -1) return -1;
    const isTheirs =
      channel.isPlainlyOf(view.realmOf(slot), view.usernameOf(slot)) || view.isOf(slot, channel.principal());
    return isTheirs ? slot : -1;
  }

  /** Where coturn does not say its address: the one server that is known, where there is one alone. */
  private onlyAddress(): string {
    const [only, another] = this.lanes.keys();
    return only === undefined || another !== undefined ? '' : only;
  }

  private freeLane(address: string, { high, low }: StatsChannel, now: number): number {
    const { relay, nameOf } = this.options;
    const lanes = this.lanes.get(address) ?? [];
    const free = lanes.find((origin) => !relay.knows(origin, high, low));
    if (free !== undefined) return free;
    if (this.all.length >= MAX_ORIGINS) return -1;
    const lane = 1 + Math.max(-1, ...lanes.map((origin) => laneIn(relay.origins.keyOf(origin))));
    const origin = relay.origins.add(nameOf(address), `${KEY_START}${address}${LANE_START}${lane}`, now);
    this.enter(address, origin);
    return origin;
  }

  private enter(address: string, origin: number): void {
    this.lanes.set(address, [...(this.lanes.get(address) ?? []), origin]);
    this.all = [...this.all, origin];
  }

  private noteAmbiguous({ high, low }: StatsChannel): void {
    if (this.ambiguous.size < MAX_AMBIGUOUS) this.ambiguous.add(`${high}/${low}`);
  }

  /** Until no allocation has that id any more. */
  private isAmbiguous({ high, low }: StatsChannel): boolean {
    return this.ambiguous.size > 0 && this.ambiguous.has(`${high}/${low}`);
  }

  /** Forgets the ids that nobody has any more; to be called now and then. */
  advance(): void {
    const { relay } = this.options;
    for (const id of this.ambiguous) {
      const [high = 0, low = 0] = id.split('/').map(Number);
      if (!this.all.some((origin) => relay.knows(origin, high, low))) this.ambiguous.delete(id);
    }
  }

  /** Forgets the origins that had no allocation at the last call, and have none now: servers come and go. */
  forgetIdle(): void {
    const { relay } = this.options;
    const used = new Set(Array.from(relay.view.allocations(), (slot) => relay.view.originOf(slot)));
    const unused = this.all.filter((origin) => !used.has(origin));
    for (const origin of unused) if (this.idle.has(origin)) this.remove(origin);
    this.idle = new Set(unused);
  }

  private remove(origin: number): void {
    this.options.relay.origins.remove(origin);
    this.all = this.all.filter((other) => other !== origin);
    for (const [address, origins] of this.lanes) {
      const left = origins.filter((other) => other !== origin);
      if (left.length > 0) this.lanes.set(address, left);
      else this.lanes.delete(address);
    }
    this.lastOrigin = -1;
  }
}

/** Of coturn's `ip:port`, with brackets around IPv6. */
function addressIn(local: string): string {
  return local.slice(0, Math.max(0, local.lastIndexOf(':'))).replace(/^\[|\]$/g, '');
}

/** Live ones before those that are ending or have just ended, then the younger. */
function rank(view: Relay['view'], slot: number): number {
  return (view.isLive(slot) ? 1e15 : 0) + view.startedAt(slot);
}

/** The server's address in the key of an origin; undefined for an origin of another source. */
function addressOf(key: string): string | undefined {
  return key.startsWith(KEY_START) ? key.slice(KEY_START.length, key.lastIndexOf(LANE_START)) : undefined;
}

function laneIn(key: string): number {
  return Number(key.slice(key.lastIndexOf(LANE_START) + 1));
}

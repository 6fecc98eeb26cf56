import {
  addCounts,
  COUNTS_PER_ROW,
  PEER_LEG,
  RECEIVED_PACKETS,
  SENT_PACKETS,
  type Leg,
  type LegCounts,
} from './counts';
import { CLOSE_REASONS, type CloseReason } from './fact';
import { Histogram } from './histogram';
import { Names } from './names';
import { TRANSPORTS, type Transport } from './transport';

/** More realms than this share the label `other`: the number of series must not grow with what the network says. */
const MAX_REALMS = 100;

const DURATION_SECONDS = [1, 5, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 43_200];
const RELAYED_BYTES = [1e3, 1e4, 1e5, 1e6, 5e6, 1e7, 5e7, 1e8, 5e8, 1e9, 5e9, 1e10, 1e11];

/** What only grows, by realm and transport; and how many allocations are open. */
export class Cell {
  /** A row of `counts.ts`, in bytes and packets. */
  readonly traffic = new Float64Array(COUNTS_PER_ROW);
  readonly closed: Record<CloseReason, number>;
  open = 0;
  created = 0;
  refreshed = 0;
  /** Closed without a packet to or from a peer. */
  unused = 0;
  /** Closed having sent to a peer and never heard one: ICE failed on this relay. */
  unanswered = 0;

  constructor(
    readonly realm: string,
    readonly transport: Transport,
  ) {
    this.closed = Object.fromEntries(CLOSE_REASONS.map((reason) => [reason, 0])) as Record<CloseReason, number>;
  }
}

/** The same by realm alone. */
export class RealmTotals {
  readonly sessionSeconds = new Histogram(DURATION_SECONDS);
  readonly sessionBytes = new Histogram(RELAYED_BYTES);
  readonly allocationSeconds = new Histogram(DURATION_SECONDS);
  sessions = 0;
  users = 0;
  sessionsClosed = 0;

  constructor(readonly realm: string) {}
}

/** Everything the metrics of the relay are made of: a scrape copies it, whatever the number of allocations. */
export class RunningTotals {
  readonly cells: Cell[] = [];
  readonly realms: RealmTotals[] = [];
  private readonly names = new Names(MAX_REALMS, 'other');

  /** The realms named here have their series from the start, at 0. */
  constructor(realms: readonly string[]) {
    for (const realm of realms) this.realmNumber(realm);
  }

  realmNumber(realm: string): number {
    const number = this.names.numberOf(realm);
    if (number === this.realms.length) {
      const name = this.names.nameOf(number);
      this.realms.push(new RealmTotals(name));
      for (const transport of TRANSPORTS) this.cells.push(new Cell(name, transport));
    }
    return number;
  }

  realmName(realm: number): string {
    return this.names.nameOf(realm);
  }

  cellNumber(realm: number, transport: Transport): number {
    return realm * TRANSPORTS.length + TRANSPORTS.indexOf(transport);
  }

  cell(number: number): Cell {
    return present(this.cells[number]);
  }

  realm(number: number): RealmTotals {
    return present(this.realms[number]);
  }

  traffic(cell: number, leg: Leg, counts: LegCounts): void {
    addCounts(this.cell(cell).traffic, 0, leg, counts);
  }

  /** `row` of `counts` is what the allocation carried in its life. */
  allocationClosed(cell: number, reason: CloseReason, counts: Float64Array, row: number): void {
    const totals = this.cell(cell);
    const sent = counts[row + PEER_LEG + SENT_PACKETS] ?? 0;
    const received = counts[row + PEER_LEG + RECEIVED_PACKETS] ?? 0;
    totals.open--;
    totals.closed[reason]++;
    if (sent === 0 && received === 0) totals.unused++;
    if (sent > 0 && received === 0) totals.unanswered++;
  }
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new RangeError('no totals have that number');
  return value;
}

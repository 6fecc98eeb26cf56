import { appendRow, CLIENT_LEG, COUNTS_PER_ROW, PEER_LEG, readCounts, type LegCounts } from './counts';
import { CLOSE_REASONS, type CloseReason, type Settled } from './fact';
import type { Registers } from './registers';
import { ESTIMATED, QUEUED, RECOVERED, type SessionTable } from './session-table';
import type { StoredSession } from './stored-row';
import type { Transport } from './transport';

/** A session, under way or over, as its row has it. Times are those of the relay's clock. */
export interface SessionDescription {
  readonly sequence: number;
  readonly server: string;
  readonly realm: string;
  readonly userId: string;
  readonly username: string;
  readonly startedAt: number;
  readonly allocations: number;
  /** Whether any peer traffic passed. */
  readonly relayed: boolean;
  readonly client: LegCounts;
  readonly peer: LegCounts;
  readonly transports: readonly Transport[];
  readonly endReason: CloseReason;
  readonly settled: Settled;
}

type Names = Pick<Registers, 'users' | 'servers' | 'totals'>;

/** `slot` is in use. */
export function describeSession(
  table: SessionTable,
  { users, servers, totals }: Names,
  slot: number,
): SessionDescription {
  const user = table.user[slot] ?? 0;
  return {
    sequence: table.sequence[slot] ?? 0,
    server: servers.nameOf(users.serverOf(user)),
    realm: totals.realmName(users.realmOf(user)),
    userId: users.idOf(user),
    username: users.usernameOf(user),
    startedAt: table.startedAt[slot] ?? 0,
    allocations: table.allocations[slot] ?? 0,
    relayed: (table.closedRelaying[slot] ?? 0) + (table.openRelaying[slot] ?? 0) > 0,
    client: readCounts(table.counts, slot * COUNTS_PER_ROW, CLIENT_LEG),
    peer: readCounts(table.counts, slot * COUNTS_PER_ROW, PEER_LEG),
    transports: table.transportsOf(slot),
    endReason: CLOSE_REASONS[table.endReason[slot] ?? 0] ?? 'closed',
    settled: settledOf(table, slot),
  };
}

/** The row as it is to be kept over a restart; `slot` is in use. */
export function storedSession(table: SessionTable, { users, servers, totals }: Names, slot: number): StoredSession {
  const user = table.user[slot] ?? 0;
  return {
    slot,
    sequence: table.sequence[slot] ?? 0,
    server: servers.nameOf(users.serverOf(user)),
    realm: totals.realmName(users.realmOf(user)),
    username: users.usernameOf(user),
    startedAt: table.startedAt[slot] ?? 0,
    lastTrafficAt: table.lastTrafficAt[slot] ?? 0,
    lastCloseAt: table.lastCloseAt[slot] ?? 0,
    allocations: table.allocations[slot] ?? 0,
    closedRelaying: table.closedRelaying[slot] ?? 0,
    flags: (table.flags[slot] ?? 0) & ~QUEUED,
    endReason: CLOSE_REASONS[table.endReason[slot] ?? 0] ?? 'closed',
    transports: table.transportsOf(slot),
    counts: appendRow([], table.counts, slot * COUNTS_PER_ROW),
  };
}

function settledOf(table: SessionTable, slot: number): Settled {
  if (table.has(slot, ESTIMATED)) return 'estimated';
  return table.has(slot, RECOVERED) ? 'recovered' : 'exact';
}

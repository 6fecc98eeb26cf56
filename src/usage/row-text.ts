import type { CloseReason } from '../turn/fact';
import { NUMBERS_A_ROW, type StoredAllocation, type StoredSession } from '../turn/stored-row';
import type { Transport } from '../turn/transport';

/** A line of a block: a row as it is now, or the slot of one that is no more; or `NUMBERS_A_ROW` of each of many rows. */
export type StateLine =
  | readonly ['session', StoredSession]
  | readonly ['allocation', StoredAllocation]
  | readonly ['no session', number]
  | readonly ['no allocation', number]
  | readonly ['session counts', readonly number[]]
  | readonly ['allocation counts', readonly number[]];

/**
 * A line as text: a JSON array that begins with the kind and the slot. Values stand in a fixed order, without names, and
 * times are whole milliseconds: rows are written as often as they change. Counts are one array within it, of numbers
 * alone, which V8 writes quickest.
 */
export function renderLine([kind, row]: StateLine): string {
  switch (kind) {
    case 'session':
      return JSON.stringify(sessionValues(row));
    case 'allocation':
      return JSON.stringify(allocationValues(row));
    case 'no session':
      return JSON.stringify(['-s', row]);
    case 'no allocation':
      return JSON.stringify(['-a', row]);
    case 'session counts':
      return JSON.stringify(['sc', row]);
    case 'allocation counts':
      return JSON.stringify(['ac', row]);
  }
}

/** Reads what `renderLine` made. Throws SyntaxError. */
export function parseLine(text: string): StateLine {
  const [kind, ...values] = (JSON.parse(text) as (string | number)[]).flat();
  switch (kind) {
    case 's':
      return ['session', sessionOf(values)];
    case 'a':
      return ['allocation', allocationOf(values)];
    case '-s':
      return ['no session', Number(values[0])];
    case '-a':
      return ['no allocation', Number(values[0])];
    case 'sc':
      return ['session counts', countsOf(values)];
    case 'ac':
      return ['allocation counts', countsOf(values)];
    default:
      throw new SyntaxError(`there are no lines of the kind ${kind}`);
  }
}

function sessionValues(row: StoredSession): (string | number)[] {
  return [
    's',
    row.slot,
    row.sequence,
    Math.floor(row.startedAt),
    Math.floor(row.lastTrafficAt),
    Math.floor(row.lastCloseAt),
    row.allocations,
    row.closedRelaying,
    row.flags,
    row.server,
    row.realm,
    row.username,
    row.endReason,
    row.transports.join(' '),
    ...row.counts,
  ];
}

function sessionOf(values: readonly (string | number)[]): StoredSession {
  const [slot, sequence, startedAt, lastTrafficAt, lastCloseAt, allocations, closedRelaying, flags] =
    values as readonly number[];
  const [server, realm, username, endReason, transports = ''] = values.slice(8, 13) as string[];
  return {
    slot: whole(slot),
    sequence: whole(sequence),
    server: text(server),
    realm: text(realm),
    username: text(username),
    startedAt: whole(startedAt),
    lastTrafficAt: whole(lastTrafficAt),
    lastCloseAt: whole(lastCloseAt),
    allocations: whole(allocations),
    closedRelaying: whole(closedRelaying),
    flags: whole(flags),
    endReason: text(endReason) as CloseReason,
    transports: transports === '' ? [] : (transports.split(' ') as Transport[]),
    counts: values.slice(13).map(Number),
  };
}

function allocationValues(row: StoredAllocation): (string | number)[] {
  const { slot, origin, high, low, session, startedAt, flags, realm, username, transport, remote, counts } = row;
  return [
    'a',
    slot,
    origin,
    high,
    low,
    session,
    Math.floor(startedAt),
    flags,
    realm,
    username,
    transport,
    remote,
    ...counts,
  ];
}

function allocationOf(values: readonly (string | number)[]): StoredAllocation {
  const [slot, origin, high, low, session, startedAt, flags] = values as readonly number[];
  const [realm, username, transport, remote] = values.slice(7, 11) as string[];
  return {
    slot: whole(slot),
    origin: whole(origin),
    high: whole(high),
    low: whole(low),
    session: whole(session),
    startedAt: whole(startedAt),
    flags: whole(flags),
    realm: text(realm),
    username: text(username),
    transport: text(transport) as Transport,
    remote: text(remote),
    counts: values.slice(11).map(Number),
  };
}

function countsOf(values: readonly (string | number)[]): number[] {
  if (values.length % NUMBERS_A_ROW !== 0) throw new SyntaxError('a row of the ledger lacks a number');
  return values.map((value) => whole(Number(value)));
}

/** The file is the agent's own; what is not what was written is damage. */
function whole(value: number | undefined): number {
  if (Number.isSafeInteger(value)) return value as number;
  throw new SyntaxError('a row of the ledger lacks a number');
}

function text(value: string | undefined): string {
  if (typeof value === 'string') return value;
  throw new SyntaxError('a row of the ledger lacks a text');
}

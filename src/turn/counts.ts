/** The client leg lies between client and relay, the peer leg between relay and peer. The values are columns' offsets. */
export const CLIENT_LEG = 0;
export const PEER_LEG = 4;
export type Leg = typeof CLIENT_LEG | typeof PEER_LEG;

/** What one leg carried, as seen by the relay. */
export interface LegCounts {
  readonly receivedPackets: number;
  readonly receivedBytes: number;
  readonly sentPackets: number;
  readonly sentBytes: number;
}

/** Both legs in a row of eight: client received packets, received bytes, sent packets, sent bytes, then the peer's four. */
export const COUNTS_PER_ROW = 8;
export const RECEIVED_PACKETS = 0;
export const RECEIVED_BYTES = 1;
export const SENT_PACKETS = 2;
export const SENT_BYTES = 3;

/** Adds one leg's counts to the row that begins at `row`. */
export function addCounts(rows: Float64Array, row: number, leg: Leg, counts: LegCounts): void {
  const at = row + leg;
  rows[at] = (rows[at] ?? 0) + counts.receivedPackets;
  rows[at + 1] = (rows[at + 1] ?? 0) + counts.receivedBytes;
  rows[at + 2] = (rows[at + 2] ?? 0) + counts.sentPackets;
  rows[at + 3] = (rows[at + 3] ?? 0) + counts.sentBytes;
}

export function readCounts(rows: Float64Array, row: number, leg: Leg): LegCounts {
  const at = row + leg;
  return {
    receivedPackets: rows[at + RECEIVED_PACKETS] ?? 0,
    receivedBytes: rows[at + RECEIVED_BYTES] ?? 0,
    sentPackets: rows[at + SENT_PACKETS] ?? 0,
    sentBytes: rows[at + SENT_BYTES] ?? 0,
  };
}

/** Appends the row that begins at `row`, and gives what it was appended to. */
export function appendRow(values: number[], rows: Float64Array, row: number): number[] {
  for (let at = row; at < row + COUNTS_PER_ROW; at++) values.push(rows[at] ?? 0);
  return values;
}

export function isZero(counts: LegCounts): boolean {
  return (
    counts.receivedPackets === 0 && counts.receivedBytes === 0 && counts.sentPackets === 0 && counts.sentBytes === 0
  );
}

import type { Relay } from '../../turn/relay';
import { usageRecordOf, type UsageRecord } from '../../turn/usage-record';

export interface SoFarOptions {
  readonly relay: Pick<Relay, 'rows' | 'view'>;
  /** The id of the record that a session will have. */
  readonly idOf: (sequence: number) => string;
  /** What turns times of the relay's clock into those of the wall clock. */
  readonly offset: number;
}

/**
 * The record that an open session would have, had its server died right after coturn last told of it; undefined where the
 * slot holds none.
 */
export function recordSoFar(slot: number, { relay, idOf, offset }: SoFarOptions): UsageRecord | undefined {
  const row = relay.rows.session(slot);
  if (!row) return undefined;
  const endedAt = Math.max(row.lastTrafficAt, row.lastCloseAt);
  const session = { ...relay.view.session(slot), endedAt, endReason: 'lost', settled: 'estimated' } as const;
  return usageRecordOf(session, idOf(row.sequence), (at) => at + offset);
}

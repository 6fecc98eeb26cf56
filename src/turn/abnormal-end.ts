import type { CloseReason } from './fact';

/**
 * How a session ended that should not have ended so. `lost`: nobody told of its end, since coturn died or its word never
 * came; `killed`: an operator ended it, also by stopping coturn; `unanswered`: it sent to its peers and never heard back.
 */
export const ABNORMAL_ENDS = ['lost', 'killed', 'unanswered'] as const;
export type AbnormalEnd = (typeof ABNORMAL_ENDS)[number];

const BY_REASON = {
  lost: 'lost',
  superseded: 'lost',
  stale: 'lost',
  forced: 'killed',
  client: undefined,
  expired: undefined,
  closed: undefined,
} as const satisfies Record<CloseReason, AbnormalEnd | undefined>;

/** The reasons that are abnormal whatever was relayed. */
export const ABNORMAL_REASONS = Object.entries(BY_REASON).flatMap(([reason, end]) => (end ? [reason] : []));

/** Undefined where a session ended as it should. One that was lost or killed is that, also where nobody had answered. */
export function abnormalEnd(record: {
  readonly endReason: string;
  readonly peerSentPackets: number;
  readonly peerReceivedPackets: number;
}): AbnormalEnd | undefined {
  const end = Object.hasOwn(BY_REASON, record.endReason) ? BY_REASON[record.endReason as CloseReason] : undefined;
  if (end) return end;
  return record.peerSentPackets > 0 && record.peerReceivedPackets === 0 ? 'unanswered' : undefined;
}

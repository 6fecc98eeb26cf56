import type { LiveAllocation, LiveSession } from '../../usage/live-sessions';
import type { UsageRecord } from '../../turn/usage-record';
import type { AllocationAnswer, SessionAnswer } from '../sessions-schema';
import type { RecordAnswer } from '../usage-schema';

/** A usage record as every format shows it, in the order of its fields; what a store adds to it stays inside. */
export function recordJson(record: UsageRecord): RecordAnswer {
  return {
    id: record.id,
    server: record.server,
    realm: record.realm,
    userId: record.userId,
    username: record.username,
    startedAt: timeText(record.startedAt),
    endedAt: timeText(record.endedAt),
    durationSeconds: record.durationSeconds,
    allocations: record.allocations,
    relayed: record.relayed,
    clientReceivedBytes: record.clientReceivedBytes,
    clientReceivedPackets: record.clientReceivedPackets,
    clientSentBytes: record.clientSentBytes,
    clientSentPackets: record.clientSentPackets,
    peerReceivedBytes: record.peerReceivedBytes,
    peerReceivedPackets: record.peerReceivedPackets,
    peerSentBytes: record.peerSentBytes,
    peerSentPackets: record.peerSentPackets,
    transports: record.transports,
    endReason: record.endReason,
    settled: record.settled,
  };
}

export function sessionJson(session: LiveSession): SessionAnswer {
  return {
    ...session,
    startedAt: timeText(session.startedAt),
    allocations: session.allocations.map(allocationJson),
  };
}

function allocationJson(allocation: LiveAllocation): AllocationAnswer {
  return { ...allocation, startedAt: timeText(allocation.startedAt) };
}

/** ISO 8601, UTC, with milliseconds. */
function timeText(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

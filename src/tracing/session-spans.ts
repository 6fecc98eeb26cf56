import type { SpanAttributes, SpanRef } from '../lib/tracer';
import type { LegCounts } from '../turn/counts';
import type { ClosedAllocation } from '../turn/fact';
import type { UsageRecord } from '../turn/usage-record';
import type { AllocationNotes } from './allocation-notes';
import { credentialId, type CredentialOrigin } from './credential-links';
import type { PastSpan, SpanEvent, SpanLink } from './tracing';

/** An allocation that has closed, with what was noted of it meanwhile. */
export interface TracedAllocation {
  readonly closed: ClosedAllocation;
  readonly notes: AllocationNotes;
}

const LOST = 'coturn ended without telling the last of it';

/** The span of a whole session; it says what its usage record says. No user name: with its expiry that is half a credential. */
export function sessionSpan(record: UsageRecord, origin: CredentialOrigin | undefined, withUser: boolean): PastSpan {
  return {
    name: 'turn.session',
    links: origin ? linksTo(origin) : [],
    attributes: {
      'turnkeeper.session.id': record.id,
      'turnkeeper.credential.id': credentialId(record.username),
      ...(origin && { 'turnkeeper.credential.trace_id': origin.span.traceId, ...origin.caller?.attributes }),
      ...(withUser && { 'enduser.id': record.userId }),
      ...measures(record),
    },
    startedAt: record.startedAt,
    endedAt: record.endedAt,
    events: [],
    failure: record.endReason === 'lost' ? LOST : undefined,
  };
}

function measures(record: UsageRecord): SpanAttributes {
  return {
    'server.address': record.server,
    'turn.realm': record.realm,
    'turn.transports': record.transports,
    'turn.allocations': record.allocations,
    'turn.relayed': record.relayed,
    'turn.end_reason': record.endReason,
    'turn.settled': record.settled,
    'turn.client.received_bytes': record.clientReceivedBytes,
    'turn.client.sent_bytes': record.clientSentBytes,
    'turn.peer.received_bytes': record.peerReceivedBytes,
    'turn.peer.sent_bytes': record.peerSentBytes,
  };
}

/** A link, since the session comes later than the request, by hours perhaps, and more than once for one credential. */
function linksTo({ span, caller }: CredentialOrigin): readonly SpanLink[] {
  const request = { to: span, attributes: { 'turnkeeper.link': 'credential' } };
  return caller ? [request, caller] : [request];
}

/** `wallClock` turns times of the relay's clock into milliseconds since the epoch. */
export function allocationSpan(
  { closed, notes }: TracedAllocation,
  parent: SpanRef,
  wallClock: (at: number) => number,
): PastSpan {
  const at = (time: number): number => Math.round(wallClock(time));
  const { reason, settled, startedAt, endedAt } = closed;
  return {
    name: 'turn.allocation',
    parent,
    attributes: {
      'turn.allocation.id': closed.id,
      'turn.realm': closed.realm,
      'turn.transport': closed.transport,
      'turn.refreshes': notes.refreshes,
      'turn.close_reason': reason,
      'turn.settled': settled,
      ...legAttributes('client', closed.client),
      ...legAttributes('peer', closed.peer),
    },
    startedAt: at(startedAt),
    endedAt: at(endedAt),
    events: eventsOf({ closed, notes }, at),
    failure: reason === 'lost' ? LOST : undefined,
  };
}

function eventsOf({ closed, notes }: TracedAllocation, at: (time: number) => number): readonly SpanEvent[] {
  const { startedAt, endedAt, reason } = closed;
  const { relayingAt, refreshedAt } = notes;
  return [
    { name: 'created', at: at(startedAt) },
    ...refreshedAt.map((time) => ({ name: 'refreshed', at: at(time) })),
    ...(relayingAt === undefined ? [] : [{ name: 'first peer traffic', at: at(relayingAt) }]),
    { name: 'closed', at: at(endedAt), attributes: { 'turn.close_reason': reason } },
  ].toSorted((one, other) => one.at - other.at);
}

function legAttributes(leg: 'client' | 'peer', counts: LegCounts): SpanAttributes {
  return {
    [`turn.${leg}.received_bytes`]: counts.receivedBytes,
    [`turn.${leg}.sent_bytes`]: counts.sentBytes,
    [`turn.${leg}.received_packets`]: counts.receivedPackets,
    [`turn.${leg}.sent_packets`]: counts.sentPackets,
  };
}

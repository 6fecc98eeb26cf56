import type { SpanRef } from '../lib/tracer';
import type { AllocationId } from '../turn/event';
import type { ClosedAllocation, ClosedSession } from '../turn/fact';
import type { SessionDescription } from '../turn/session-description';
import type { UsageRecord } from '../turn/usage-record';
import { NotesOfOpen } from './allocation-notes';
import { BoundedMap } from './bounded-map';
import type { CredentialLinks, CredentialOrigin } from './credential-links';
import { allocationSpan, sessionSpan, type TracedAllocation } from './session-spans';
import type { Tracing } from './tracing';

export interface SessionTracesOptions {
  readonly tracing: Pick<Tracing, 'record'>;
  readonly credentials: Pick<CredentialLinks, 'find'>;
  /** Whether spans say whose session it was. */
  readonly userIds: boolean;
  /** Turns times of the relay's clock into milliseconds since the epoch. */
  readonly wallClock: (at: number) => number;
  /** Told of each session whose trace is sampled. */
  readonly onTraced: (record: UsageRecord, root: SpanRef) => void;
}

/** Of one session; more are counted only. */
const MAX_ALLOCATIONS = 64;
/** Sessions in each of the maps below, and allocations in all of them: some 50 MB at the most. */
const MAX_SESSIONS = 20_000;
const MAX_WAITING = 50_000;

/**
 * Makes a trace of each session when it ends. Till then it is known from the relay's state, which outlives the agent; kept
 * here is only what that does not hold: allocations that closed before their session, and when what happened to them.
 * Bounded: what has no room costs its allocation's span, and is counted.
 */
export class SessionTraces {
  /** Allocations without a span. */
  dropped = 0;
  private readonly notes = new NotesOfOpen();
  private kept = 0;
  private readonly waiting = new BoundedMap<number, TracedAllocation[]>(MAX_SESSIONS, (list) => {
    this.kept -= list.length;
    this.dropped += list.length;
  });
  private readonly origins = new BoundedMap<number, CredentialOrigin>(MAX_SESSIONS);
  /** Roots of sessions that ended with an allocation still open, as those without traffic may be. */
  private readonly ended = new BoundedMap<number, SpanRef>(MAX_SESSIONS);

  constructor(private readonly options: SessionTracesOptions) {}

  sessionOpened({ sequence, username }: SessionDescription): void {
    const origin = this.options.credentials.find(username);
    if (origin) this.origins.set(sequence, origin);
  }

  allocationRefreshed(id: AllocationId, at: number): void {
    this.notes.refreshed(id, at);
  }

  allocationRelaying(id: AllocationId, at: number): void {
    this.notes.relaying(id, at);
  }

  allocationClosed(closed: ClosedAllocation): void {
    const allocation = { closed, notes: this.notes.take(closed) };
    const root = this.ended.get(closed.session);
    if (root) this.recordAllocation(allocation, root);
    else this.keep(allocation);
  }

  sessionClosed({ sequence, allocations }: ClosedSession, record: UsageRecord): void {
    const closed = this.waiting.take(sequence) ?? [];
    this.kept -= closed.length;
    const origin = this.origins.take(sequence);
    const root = this.options.tracing.record(sessionSpan(record, origin, this.options.userIds));
    if (closed.length < allocations) this.ended.set(sequence, root);
    for (const allocation of closed) this.recordAllocation(allocation, root);
    if (root.isSampled) this.options.onTraced(record, root);
  }

  private keep(allocation: TracedAllocation): void {
    const { session } = allocation.closed;
    const list = this.waiting.get(session) ?? [];
    if (session === -1 || list.length >= MAX_ALLOCATIONS || this.kept >= MAX_WAITING) {
      this.dropped++;
      return;
    }
    this.kept++;
    if (list.push(allocation) === 1) this.waiting.set(session, list);
  }

  private recordAllocation(allocation: TracedAllocation, root: SpanRef): void {
    const { tracing, wallClock } = this.options;
    if (root.isSampled) tracing.record(allocationSpan(allocation, root, wallClock));
  }
}

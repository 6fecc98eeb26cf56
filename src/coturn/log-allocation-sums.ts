import { PEER_LEG, type Leg, type LegCounts } from '../turn/counts';
import type { AllocationLine, LoggedOwner } from './log-allocation';
import type { LogTime } from './log-header';
import type { LogCloseReason, LogSession } from './log-line';

/** What the log tells of one allocation. */
export interface LoggedAllocation extends LogSession {
  readonly realm: string;
  readonly username: string;
  /** undefined where its first line was not read. */
  readonly beganAt: LogTime | undefined;
  /** Whether the counts are all that it carried up to its last report; otherwise they are less. */
  readonly complete: boolean;
  readonly client: LegCounts;
  readonly peer: LegCounts;
  /** undefined while it is open. `other` also where the reason was not read. */
  readonly ended: { readonly at: LogTime; readonly reason: LogCloseReason } | undefined;
}

/** What was left out, and why. */
export interface LeftOut {
  /** Lines that told of an allocation that was asked for, but that a client may have written. */
  doubtful: number;
  /** Allocations whose lines contradict each other. */
  contradiction: number;
  /** Allocations with counts that can't be: more bytes than so many packets hold. */
  implausible: number;
  /** Allocations beyond the limit. */
  beyond: number;
}

export interface AllocationSumsOptions {
  /** Which allocations are asked for, whenever they began. */
  readonly wanted: (session: LogSession) => boolean;
  /** How many may be held at a time. */
  readonly limit: number;
}

type Counts = { -readonly [Name in keyof LegCounts]: number };

interface Sum extends LogSession {
  readonly wanted: boolean;
  readonly realm: string;
  readonly username: string;
  readonly beganAt: LogTime | undefined;
  readonly client: Counts;
  readonly peer: Counts;
  /** coturn reports both legs at once: more of the one than of the other tells that a line is missing. */
  clientReports: number;
  peerReports: number;
  reason: LogCloseReason | undefined;
  endedAt: LogTime | undefined;
  doubted: boolean;
  wrong: 'contradiction' | 'implausible' | undefined;
}

/** A UDP datagram and a STUN message (RFC 8489 section 5) hold less than that; coturn's buffers too. */
const MAX_PACKET_BYTES = 65_535;

/** Adds up what the lines of one life of coturn tell of its allocations, in their order. Ids are unique in a life. */
export class AllocationSums {
  readonly leftOut: LeftOut = { doubtful: 0, contradiction: 0, implausible: 0, beyond: 0 };
  private readonly sums = new Map<string, Sum>();

  constructor(private readonly options: AllocationSumsOptions) {}

  /** Whether a line of this allocation can change anything. */
  concerns(session: LogSession): boolean {
    return this.options.wanted(session) || this.sums.has(keyOf(session));
  }

  /** A line that is believed. `isSought`: an allocation that begins with it is asked for as long as it is open. */
  add(line: AllocationLine, isSought: boolean): void {
    const sum = this.sums.get(keyOf(line));
    if (line.kind === 'new') {
      if (sum) sum.wrong ??= 'contradiction';
      else this.open(line, isSought);
      return;
    }
    const known = sum ?? this.openUnseen(line);
    if (known) this.addTo(known, line);
  }

  /**
   * A line that is not believed, or not whole. If coturn wrote it, then what it tells of is not complete any more, unless
   * it has ended. A client that makes up such a line has to know the names.
   */
  doubt(line: AllocationLine): void {
    const sum = this.sums.get(keyOf(line));
    if (!sum && !this.options.wanted(line)) return;
    this.leftOut.doubtful++;
    if (sum && line.kind !== 'closed' && isOf(sum, line)) sum.doubted = true;
  }

  /** What can be told. To be called once, at the end. */
  finish(): readonly LoggedAllocation[] {
    const told: LoggedAllocation[] = [];
    for (const sum of this.sums.values()) {
      if (sum.wrong) this.leftOut[sum.wrong]++;
      else told.push(toLogged(sum));
    }
    return told;
  }

  private open(line: AllocationLine & { readonly kind: 'new' }, isSought: boolean): void {
    const wanted = this.options.wanted(line);
    if (wanted || isSought) this.hold(line, wanted, line.at);
  }

  private openUnseen(line: AllocationLine): Sum | undefined {
    return line.kind === 'closed' || !this.options.wanted(line) ? undefined : this.hold(line, true, undefined);
  }

  private hold(line: LogSession & LoggedOwner, wanted: boolean, beganAt: LogTime | undefined): Sum | undefined {
    if (this.sums.size >= this.options.limit) {
      this.leftOut.beyond++;
      return undefined;
    }
    const { high, low, realm, username } = line;
    const sum: Sum = { high, low, wanted, realm, username, beganAt, ...NOTHING_YET, client: zero(), peer: zero() };
    this.sums.set(keyOf(line), sum);
    return sum;
  }

  private addTo(sum: Sum, line: Exclude<AllocationLine, { kind: 'new' }>): void {
    if (line.kind === 'closed') {
      sum.reason = line.reason;
      return;
    }
    if (!isOf(sum, line)) sum.wrong ??= 'contradiction';
    else if (line.kind === 'usage') addUsage(sum, line.leg, line.counts);
    else if (sum.wanted) sum.endedAt = line.at;
    else this.letGo(sum);
  }

  private letGo(sum: Sum): void {
    if (sum.wrong) this.leftOut[sum.wrong]++;
    this.sums.delete(keyOf(sum));
  }
}

const NOTHING_YET = {
  clientReports: 0,
  peerReports: 0,
  reason: undefined,
  endedAt: undefined,
  doubted: false,
  wrong: undefined,
};

function isOf(sum: Sum, { realm, username }: LoggedOwner): boolean {
  return realm === sum.realm && username === sum.username && sum.endedAt === undefined;
}

function zero(): Counts {
  return { receivedPackets: 0, receivedBytes: 0, sentPackets: 0, sentBytes: 0 };
}

function addUsage(sum: Sum, leg: Leg, counts: LegCounts): void {
  if (!isPlausible(counts)) sum.wrong ??= 'implausible';
  if (leg === PEER_LEG) sum.peerReports++;
  else sum.clientReports++;
  const to = leg === PEER_LEG ? sum.peer : sum.client;
  to.receivedPackets += counts.receivedPackets;
  to.receivedBytes += counts.receivedBytes;
  to.sentPackets += counts.sentPackets;
  to.sentBytes += counts.sentBytes;
}

/** coturn counts in 32 bits between two reports (ns_turn_session.h). */
function isPlausible({ receivedPackets, receivedBytes, sentPackets, sentBytes }: LegCounts): boolean {
  return (
    receivedBytes <= receivedPackets * MAX_PACKET_BYTES &&
    sentBytes <= sentPackets * MAX_PACKET_BYTES &&
    Math.max(receivedPackets, receivedBytes, sentPackets, sentBytes) < 2 ** 32
  );
}

function toLogged(sum: Sum): LoggedAllocation {
  const { high, low, beganAt, client, peer, endedAt, reason } = sum;
  const reports = Math.min(sum.clientReports, sum.peerReports);
  const isWhole = sum.clientReports === sum.peerReports && (endedAt === undefined || reports > 0);
  return {
    high,
    low,
    realm: asUtf8(sum.realm),
    username: asUtf8(sum.username),
    beganAt,
    complete: beganAt !== undefined && isWhole && !sum.doubted,
    client,
    peer,
    ended: endedAt && { at: endedAt, reason: reason ?? 'other' },
  };
}

function asUtf8(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8');
}

function keyOf({ high, low }: LogSession): string {
  return `${high}-${low}`;
}

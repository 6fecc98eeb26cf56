import { ABNORMAL_ENDS, abnormalEnd, type AbnormalEnd } from '../turn/abnormal-end';
import type { Mark } from '../usage/mark';
import type { PlacedRecord } from '../usage/usage-store';

/** A session in a digest. It holds the user's id, and nothing that makes a credential work. */
interface DigestSession {
  readonly id: string;
  readonly server: string;
  readonly realm: string;
  readonly userId: string;
  readonly end: AbnormalEnd;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly endedAt: string;
  readonly durationSeconds: number;
}

/** Which sessions ended abnormally, of those whose records arrived in a time. */
export interface Digest {
  /** The same however often it is sent: of this agent, for this period. */
  readonly id: string;
  /** The agent's host. */
  readonly agent: string;
  /** ISO 8601. */
  readonly from: string;
  readonly to: string;
  readonly total: number;
  readonly byEnd: Readonly<Record<AbnormalEnd, number>>;
  /** The first `MAX_LISTED`, in the order of their arrival. */
  readonly sessions: readonly DigestSession[];
}

export const MAX_LISTED = 100;

/** Adds up records as they come. */
export class DigestBuilder {
  last: Mark | undefined;
  private total = 0;
  private readonly byEnd = Object.fromEntries(ABNORMAL_ENDS.map((end) => [end, 0])) as Record<AbnormalEnd, number>;
  private readonly sessions: DigestSession[] = [];

  add(record: PlacedRecord): void {
    this.last = { place: record.place, id: record.id };
    const end = abnormalEnd(record);
    if (!end) return;
    this.total++;
    this.byEnd[end]++;
    if (this.sessions.length < MAX_LISTED) this.sessions.push(sessionOf(record, end));
  }

  digest(agent: string, period: { readonly end: number; readonly from: number; readonly to: number }): Digest {
    const { total, byEnd, sessions } = this;
    const [from, to] = [new Date(period.from).toISOString(), new Date(period.to).toISOString()];
    return { id: `${agent}-${new Date(period.end).toISOString()}`, agent, from, to, total, byEnd, sessions };
  }
}

function sessionOf(record: PlacedRecord, end: AbnormalEnd): DigestSession {
  const { id, server, realm, userId, startedAt, endedAt, durationSeconds } = record;
  const times = { startedAt: new Date(startedAt).toISOString(), endedAt: new Date(endedAt).toISOString() };
  return { id, server, realm, userId, end, ...times, durationSeconds };
}

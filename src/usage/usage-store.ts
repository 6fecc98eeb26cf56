import type { FlatCounts } from '../turn/flat-counts';
import type { UsageRecord } from '../turn/usage-record';

/** Which records. Times are milliseconds since the epoch, and a record stands at the time when its session ended. */
export interface UsageFilter {
  /** The first moment that counts. */
  readonly from?: number | undefined;
  /** The first moment that does not count any more. */
  readonly to?: number | undefined;
  readonly user?: string | undefined;
  readonly realm?: string | undefined;
  readonly server?: string | undefined;
  /** Only those of which `abnormalEnd` says something. */
  readonly abnormal?: boolean | undefined;
}

/** A record with its place in the order in which records arrived; places grow and are never given twice. */
export type PlacedRecord = UsageRecord & { readonly place: number };

export interface RecordsQuery extends UsageFilter {
  /** Only what arrived after this place. */
  readonly after?: number | undefined;
  /** At most so many; all of them without it. */
  readonly limit?: number | undefined;
}

/** `label`: what stands behind the first # of the user id, where a credential's label rides; empty where none does. */
export const GROUP_KEYS = ['user', 'label', 'realm', 'server', 'day'] as const;
export type GroupKey = (typeof GROUP_KEYS)[number];

export interface SumsQuery extends UsageFilter {
  /** One or more, each once; the sums come in their order. */
  readonly groupBy: readonly GroupKey[];
  /** IANA time zone of `day`. */
  readonly timeZone: string;
}

/** What the records of one group add up to. Only the keys that were grouped by are there. */
export interface UsageSum extends FlatCounts {
  readonly user?: string;
  readonly label?: string;
  readonly realm?: string;
  readonly server?: string;
  /** `2026-11-21`, of the end of the session. */
  readonly day?: string;
  readonly sessions: number;
  /** Sessions with any peer traffic. */
  readonly relayedSessions: number;
  readonly allocations: number;
  readonly durationSeconds: number;
}

/**
 * Reads usage in batches of a bounded size, so that memory does not grow with what is read: the next batch is fetched
 * when it is asked for, and a consumer that stops early (`return`) frees what was held. Throws UserError `unavailable`
 * while the store is away, `too_many` when too much is being read at once.
 */
export interface UsageReader {
  /** In the order of arrival: who reads on after the last place that they saw misses nothing. */
  records(query: RecordsQuery): AsyncIterable<readonly PlacedRecord[]>;
  /** In the order of their keys. */
  sums(query: SumsQuery): AsyncIterable<readonly UsageSum[]>;
}

/** Where usage records are kept for good. */
export interface UsageStore extends UsageReader {
  /** Opens it and brings its tables up to date. Throws UserError when it can't be used now; may be tried again. */
  open(): Promise<void>;
  /** Writes records, all or none; those that are there already (by id) stay as they are. */
  append(records: readonly UsageRecord[]): Promise<void>;
  /** Deletes at most `limit` records whose session ended before that time; how many there were. */
  deleteBefore(time: number, limit: number): Promise<number>;
  close(): Promise<void>;
}

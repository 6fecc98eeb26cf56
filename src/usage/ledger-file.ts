import type { UsageRecord } from '../turn/usage-record';
import type { PlacedRecord } from './usage-store';

/** What is written at once, all or nothing. */
export interface Commit {
  /** Greater than the last: a commit that is tried again, because its answer was lost, is done once. */
  readonly number: number;
  readonly records: readonly UsageRecord[];
  /** What changed in the open sessions: texts of the ledger's own, each in pieces, kept in the order of their numbers. */
  readonly blocks: readonly { readonly number: number; readonly pieces: readonly string[] }[];
  /** Numbers of blocks that hold nothing needed any more. */
  readonly obsolete: readonly number[];
}

/** What was in the file. */
export interface OpenedLedger {
  /** Names this data directory among all agents: ten random characters, made with the file. */
  readonly agent: string;
  /** Grows by one each time the file is opened. */
  readonly run: number;
  /** The number of the last commit; 0 in a new file. */
  readonly commit: number;
  /** In the order of their numbers. */
  readonly blocks: readonly { readonly number: number; readonly text: string }[];
}

/**
 * The ledger's own file, `usage.db` in the data directory: the open sessions as they go, and the records, until they
 * are in the store (which may be this very file). Every call may reject with a UserError `unavailable` that says what
 * is wrong (disk full, read-only, locked); then nothing of it was done, and it may be tried again.
 */
export interface LedgerFile {
  /**
   * A file that is damaged is moved aside, with a warning, and begun anew. The run is beyond `lastRun`: numbers of an
   * agent that goes on with another file come in none of that file's runs.
   */
  open(lastRun?: number): Promise<OpenedLedger>;
  /** Throws `LedgerReplaced` when the file turned out to be damaged, or gone: then `open` again, and write everything anew. */
  commit(commit: Commit): Promise<void>;
  /** The oldest records that are here, at most `limit`. */
  oldest(limit: number): Promise<readonly PlacedRecord[]>;
  /** Deletes the records up to this place: another store has them. */
  forget(place: number): Promise<void>;
  /** How many records are here. */
  count(): Promise<number>;
  close(): Promise<void>;
}

/** The file was damaged or deleted, and is not the one that was opened any more. */
export class LedgerReplaced extends Error {
  override readonly name = 'LedgerReplaced';
}

import type { Clock } from '../lib/clock';
import { messageOf } from '../lib/errors';
import type { Logger } from '../lib/logger';
import type { Service } from '../lib/services';
import type { ClosedSession, Settled } from '../turn/fact';
import type { Relay } from '../turn/relay';
import { usageRecordOf, type UsageRecord } from '../turn/usage-record';
import type { Kept, Stamp } from './kept-state';
import { LedgerReplaced, type Commit, type LedgerFile, type OpenedLedger } from './ledger-file';
import { NUMBERS_A_COMMIT, OpenState } from './open-state';

export interface LedgerOptions {
  readonly file: LedgerFile;
  /** What was in it, and what that holds. */
  readonly opened: OpenedLedger;
  readonly kept: Kept;
  readonly relay: Relay;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Of this boot of the machine: `Clock.monotonic()` goes on within it. */
  readonly bootId: string;
  /** What is to be kept beside the open rows, at the same moment; JSON. */
  readonly witness: () => object;
}

/** What an agent that dies may not have written; the bound is a second. */
const COMMIT_MS = 500;
/** Where nothing but the witness changes. */
const WITNESS_MS = 5_000;
/** Records that wait in memory while the disk takes none: some 100 MB. */
const MAX_WAITING = 250_000;
/** Session numbers a run of the agent can give. */
const NUMBERS_A_RUN = 2 ** 32;

/**
 * Keeps what is open, and writes a record for each session that has closed: both in one transaction, so that a session
 * is either still open in the file or has its record, whenever the process dies.
 */
export class Ledger implements Service {
  readonly name = 'ledger';
  /** Records written since the agent's start. */
  readonly written: Record<Settled, number> = { exact: 0, recovered: 0, estimated: 0 };
  /** Records given up because too many waited in memory. */
  dropped = 0;
  private waiting: UsageRecord[] = [];
  private commit: Commit | undefined;
  private readonly open: OpenState;
  private readonly ended = new AbortController();
  private working: Promise<void> = Promise.resolve();
  private named: string;
  private last: number;
  private lastWitness = '';
  private lastAt = 0;
  private trouble: string | undefined;

  /** Restores what another run of the agent kept open: nothing was applied to the relay before. */
  constructor(private readonly options: LedgerOptions) {
    const { relay, opened, kept } = options;
    this.open = new OpenState(relay.rows);
    this.named = opened.agent;
    this.last = opened.commit;
    relay.numberSessionsFrom(opened.run * NUMBERS_A_RUN + 1);
    this.restore(kept);
  }

  /** Why the file takes nothing, as a sentence; undefined while it does. */
  get problem(): string | undefined {
    return this.trouble;
  }

  /** Records that are not in the file yet. */
  get pending(): number {
    return this.waiting.length + (this.commit?.records.length ?? 0);
  }

  /** What the ids of its records begin with; another one where the file had to be begun anew. */
  get agent(): string {
    return this.named;
  }

  /** The id of the record that a session has or will have. */
  idOf(sequence: number): string {
    return `${this.agent}-${sequence.toString(36)}`;
  }

  /** The number of a session of this data directory by its id; 0 for any other text. */
  sequenceOf(id: string): number {
    const sequence = parseInt(id.slice(this.agent.length + 1), 36);
    return this.idOf(sequence) === id ? sequence : 0;
  }

  start(): Promise<void> {
    const { clock, logger } = this.options;
    clock.every(
      COMMIT_MS,
      () => this.work(),
      this.ended.signal,
      (error) => {
        logger.error({ err: error }, 'the ledger could not be written');
      },
    );
    return Promise.resolve();
  }

  /** Writes what is left, where the disk takes it. */
  async stop(): Promise<void> {
    this.ended.abort();
    await this.working;
    await this.work();
    if (this.trouble === undefined) await this.work();
  }

  /** A session has closed: gives its record, which is written with the next commit. */
  sessionClosed(session: ClosedSession): UsageRecord {
    const { clock } = this.options;
    const offset = clock.now() - clock.monotonic();
    const record = usageRecordOf(session, this.idOf(session.sequence), (at) => at + offset);
    if (this.waiting.length < MAX_WAITING) this.waiting.push(record);
    else this.dropped++;
    return record;
  }

  private restore(kept: Kept): void {
    const { relay, clock, logger } = this.options;
    const { blocks, state } = kept;
    if (blocks.length > 0) relay.rows.restore(state, clock.monotonic());
    relay.rows.track();
    if (blocks.length === 0) return;
    this.open.load(kept);
    const { sessions, allocations } = state;
    logger.info({ sessions: sessions.length, allocations: allocations.length }, 'open sessions were restored');
  }

  private work(): Promise<void> {
    this.working = this.write();
    return this.working;
  }

  /** Never rejects. A commit that fails is tried again as it is: what comes meanwhile waits for the next. */
  private async write(): Promise<void> {
    this.commit ??= this.gather();
    const { commit } = this;
    if (!commit) return;
    try {
      await this.options.file.commit(commit);
      for (const { settled } of commit.records) this.written[settled]++;
      this.commit = undefined;
      this.note(undefined);
    } catch (error) {
      if (error instanceof LedgerReplaced) await this.beginAnew(error);
      else this.note(messageOf(error));
    }
  }

  private gather(): Commit | undefined {
    const { relay, witness, clock } = this.options;
    const kept = witness();
    const text = JSON.stringify(kept);
    const number = this.last + NUMBERS_A_COMMIT;
    const { rows, counts } = this.open.write(number);
    const isIdle = rows.rows === 0 && counts.rows === 0 && this.waiting.length === 0;
    if (isIdle && (text === this.lastWitness || clock.monotonic() - this.lastAt < WITNESS_MS)) return undefined;
    this.last = number;
    this.lastWitness = text;
    this.lastAt = clock.monotonic();
    const records = this.waiting;
    this.waiting = [];
    const head = { at: this.stamp(), origins: relay.rows.origins(), witness: kept };
    const blocks = [{ number, pieces: rows.pieces(head) }];
    if (counts.rows > 0) blocks.push({ number: number - 1, pieces: counts.pieces(null) });
    return { number, records, blocks, obsolete: this.open.dropObsolete() };
  }

  /** The file is damaged or gone: all that is open is written to a new one, and the records that waited. */
  private async beginAnew(why: LedgerReplaced): Promise<void> {
    const { file, opened, logger } = this.options;
    try {
      const { agent, commit } = await file.open(opened.run);
      logger.error({ why: why.message }, 'the ledger is begun anew in another file, without the records of before');
      this.named = agent;
      this.last = commit;
    } catch (error) {
      this.note(messageOf(error));
      return;
    }
    this.open.forget();
    this.waiting = [...(this.commit?.records ?? []), ...this.waiting];
    this.commit = undefined;
  }

  private stamp(): Stamp {
    const { bootId, clock } = this.options;
    return { bootId, monotonic: clock.monotonic(), wall: clock.now() };
  }

  private note(problem: string | undefined): void {
    if (problem === this.trouble) return;
    this.trouble = problem;
    const { logger } = this.options;
    if (problem === undefined) logger.info('the ledger takes records again');
    else logger.error({ problem }, 'the ledger takes no records: they wait in memory');
  }
}

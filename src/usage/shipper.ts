import type { Clock } from '../lib/clock';
import { messageOf } from '../lib/errors';
import type { Logger } from '../lib/logger';
import type { Service } from '../lib/services';
import type { LedgerFile } from './ledger-file';
import type { UsageStore } from './usage-store';

export interface ShipperOptions {
  readonly file: LedgerFile;
  readonly store: UsageStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

const LOOK_MS = 500;
/** Between two attempts while the store is away. */
const MAX_PAUSE_MS = 15_000;
const BATCH = 500;

/**
 * Brings records from the ledger's file into a store elsewhere, in their order. One is deleted here when it is known to
 * be there; where that answer was lost it is sent again, and the store knows it by its id.
 */
export class Shipper implements Service {
  readonly name = 'shipper';
  /** Records in the file that the store does not have, when last looked. */
  waiting = 0;
  private opened = false;
  private failures = 0;
  private trouble: string | undefined;
  private readonly ended = new AbortController();
  private working: Promise<void> = Promise.resolve();

  constructor(private readonly options: ShipperOptions) {}

  /** Why the store takes nothing, as a sentence; undefined while it does. */
  get problem(): string | undefined {
    return this.trouble;
  }

  /** The store may be away: records wait for it. */
  start(): Promise<void> {
    this.working = this.goOn();
    return Promise.resolve();
  }

  /** Tries once more: the ledger has written its last. What the store does not take waits for the next start. */
  async stop(): Promise<void> {
    this.ended.abort();
    await this.working;
    await this.ship();
    await this.options.store.close();
  }

  private async goOn(): Promise<void> {
    const { signal } = this.ended;
    while (!signal.aborted) {
      await this.ship();
      const pause = Math.min(MAX_PAUSE_MS, LOOK_MS * 2 ** this.failures);
      await this.options.clock.sleep(pause, signal).catch(() => undefined);
    }
  }

  /** Never rejects. */
  private async ship(): Promise<void> {
    const { file, store } = this.options;
    try {
      if (!this.opened) await store.open();
      this.opened = true;
      while ((await this.shipBatch()) === BATCH && !this.ended.signal.aborted);
      this.failures = 0;
      this.note(undefined);
    } catch (error) {
      // It may come back as another database, without the tables.
      this.opened = false;
      this.failures = Math.min(this.failures + 1, 10);
      this.note(messageOf(error));
    }
    this.waiting = await file.count().catch(() => this.waiting);
  }

  private async shipBatch(): Promise<number> {
    const { file, store } = this.options;
    const records = await file.oldest(BATCH);
    const last = records.at(-1);
    if (!last) return 0;
    await store.append(records);
    await file.forget(last.place);
    return records.length;
  }

  private note(problem: string | undefined): void {
    if (problem === this.trouble) return;
    this.trouble = problem;
    const { logger } = this.options;
    if (problem === undefined) logger.info('the usage store takes records again');
    else logger.error({ problem }, 'the usage store takes no records: they wait on disk');
  }
}

import type { Clock } from '../lib/clock';
import { messageOf } from '../lib/errors';
import type { Logger } from '../lib/logger';
import { RegularWork } from '../lib/regular-work';
import type { Service } from '../lib/services';
import type { UsageStore } from './usage-store';

export interface RetentionOptions {
  readonly store: Pick<UsageStore, 'deleteBefore'>;
  readonly keepSeconds: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

const LOOK_MS = 60_000;
/** Deleted with one call: some milliseconds, so that nothing else waits for it. */
const STEP = 500;
const BETWEEN_STEPS_MS = 100;

/** Deletes records whose session ended longer ago than they are to be kept, in small steps. */
export class Retention implements Service {
  readonly name = 'retention';
  private readonly regular = new RegularWork();

  constructor(private readonly options: RetentionOptions) {}

  start(): Promise<void> {
    const { clock, logger } = this.options;
    const look = (): Promise<void> => this.look();
    this.regular.start(clock, LOOK_MS, look, (error) => {
      logger.warn({ why: messageOf(error) }, 'old usage records could not be deleted: tried again in a minute');
    });
    return Promise.resolve();
  }

  stop(): Promise<void> {
    return this.regular.stop();
  }

  private async look(): Promise<void> {
    const { store, keepSeconds, clock } = this.options;
    const time = clock.now() - keepSeconds * 1000;
    while (!this.regular.signal.aborted && (await store.deleteBefore(time, STEP)) === STEP) {
      await clock.sleep(BETWEEN_STEPS_MS, this.regular.signal);
    }
  }
}

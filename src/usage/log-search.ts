import type { LoggedAllocation } from '../coturn/log-allocation-sums';
import { messageOf } from '../lib/errors';
import type { Logger } from '../lib/logger';
import { scanLog } from '../sources/log-scan';
import type { LogLife, LogLives } from './log-lives';

/** What the log tells and is not believed, by reason; allocations, or lines. */
export interface LeftOut {
  doubtful: number;
  contradiction: number;
  implausible: number;
  beyond: number;
  incomplete: number;
}

export interface LogSearchOptions {
  readonly path: string;
  readonly keep: number;
  readonly lives: LogLives;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

type Wanted = (one: { readonly high: number; readonly low: number }) => boolean;

/** Reads up in the log what it tells of the allocations of a life. */
export class LogSearch {
  readonly leftOut: LeftOut = { doubtful: 0, contradiction: 0, implausible: 0, beyond: 0, incomplete: 0 };

  constructor(private readonly options: LogSearchOptions) {}

  /** What the log tells; nothing where it can't be read. Rejects when the agent ends. */
  async scan(life: LogLife, wanted: Wanted, newSince?: LogLife['gap']): Promise<readonly LoggedAllocation[]> {
    const { path, keep, lives, signal, logger } = this.options;
    const until = lives.endOf(life.number);
    try {
      const found = await scanLog({ path, keep, from: life.start, until, wanted, newSince, signal });
      for (const reason of ['doubtful', 'contradiction', 'implausible', 'beyond'] as const) {
        this.leftOut[reason] += found.leftOut[reason];
      }
      return found.allocations;
    } catch (error) {
      signal.throwIfAborted();
      logger.error({ why: messageOf(error) }, "coturn's log could not be searched for what was not told");
      return [];
    }
  }
}

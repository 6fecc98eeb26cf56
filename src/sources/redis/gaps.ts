import type { Clock } from '../../lib/clock';
import { messageOf } from '../../lib/errors';
import type { Logger } from '../../lib/logger';
import type { Relay } from '../../turn/relay';
import type { RedisAsker } from './asker';
import { GapReview, type Gap } from './gap-review';
import type { RedisOrigins } from './redis-origins';
import { keysOfOpen } from './status-keys';

export interface RedisGapsOptions {
  readonly relay: Relay;
  readonly origins: RedisOrigins;
  readonly asker: () => RedisAsker | undefined;
  /** What a run of the agent before this one knew, its times by this boot's clock; undefined: nothing. */
  readonly witness: RedisWitness | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What a later run of the agent needs to go on; JSON. */
export interface RedisWitness {
  /** When Redis was last heard, by `Clock.monotonic()`. */
  readonly heardAt: number;
  readonly runId: string | undefined;
  readonly runSince: number | undefined;
  readonly isDatabaseSure: boolean;
}

const RETRY_MS = 5_000;
/** coturn tells Redis of an end, and publishes it, in the same moment. */
const LAST_WORDS_MS = 2_000;

/**
 * The times when Redis was not heard. Its publishing is at most once: what is published meanwhile is lost, so each is
 * counted, and looked into when it is over.
 */
export class RedisGaps {
  /** Since the agent's start; the first connection of all is none. */
  count = 0;
  seconds = 0;
  /** Allocations that ended unheard, and those that were found to go on. */
  ended = 0;
  found = 0;
  /** Keys that coturn left behind, as of the last look. */
  staleKeys = 0;
  /** Why the status keys can't be looked at, as a sentence. */
  problem: string | undefined;
  private gap: Gap;
  /** undefined while Redis is heard. */
  private silentSince: number | undefined;
  private wasHeard: boolean;
  private look: AbortController | undefined;
  private looking: Promise<void> = Promise.resolve();

  constructor(private readonly options: RedisGapsOptions) {
    const { witness, clock } = options;
    const since = witness?.heardAt ?? clock.monotonic();
    const { runId, runSince, isDatabaseSure = false } = witness ?? {};
    this.gap = { since, runId, runSince, isDatabaseSure };
    this.silentSince = since;
    this.wasHeard = witness !== undefined;
  }

  witness(): RedisWitness {
    const { runId, runSince, isDatabaseSure } = this.gap;
    return { heardAt: this.silentSince ?? this.options.clock.monotonic(), runId, runSince, isDatabaseSure };
  }

  /** Redis is heard from now on. */
  heard(): void {
    const { clock, origins, logger } = this.options;
    const now = clock.monotonic();
    const since = this.silentSince ?? now;
    origins.setHeard(now);
    if (this.wasHeard) {
      this.count++;
      this.seconds += Math.max(0, now - since) / 1000;
      logger.warn({ seconds: Math.round((now - since) / 1000) }, 'Redis is heard again');
    }
    this.wasHeard = true;
    this.silentSince = undefined;
    this.gap = { ...this.gap, since };
    this.look = new AbortController();
    this.looking = this.lookInto(this.look.signal);
  }

  /** Redis is heard no more. */
  unheard(): void {
    this.look?.abort();
    this.silentSince = this.options.clock.monotonic();
    this.options.origins.setHeard(undefined);
  }

  async stop(): Promise<void> {
    this.look?.abort();
    await this.looking;
  }

  /** Until it was done once, or nothing is heard again. */
  private async lookInto(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !(await this.lookOnce(signal))) await this.wait(signal);
    while (!signal.aborted && !this.gap.isDatabaseSure) {
      await this.wait(signal);
      await this.confirmDatabase(signal);
    }
  }

  private async lookOnce(signal: AbortSignal): Promise<boolean> {
    const { relay, origins, clock, logger } = this.options;
    try {
      const asker = await this.asker(signal);
      const lastWords = (over: AbortSignal): Promise<void> => clock.sleep(LAST_WORDS_MS, over);
      const review = new GapReview({ relay, origins, asker, now: () => clock.monotonic(), lastWords });
      const { runId, ended, found, stale } = await review.run(this.gap, signal);
      const isOther = this.gap.runId !== undefined && runId !== this.gap.runId;
      this.gap = { ...this.gap, runId, runSince: isOther ? clock.monotonic() : this.gap.runSince };
      this.ended += ended;
      this.found += found;
      this.staleKeys = stale;
      this.problem = undefined;
      logger.info({ ended, found, stale }, "coturn's status keys were looked at");
      return true;
    } catch (error) {
      this.note(messageOf(error), signal);
      return false;
    }
  }

  /** Sees, once, that the keys of what is open are in the database that was named: only then can one be missed there. */
  private async confirmDatabase(signal: AbortSignal): Promise<void> {
    const { relay, origins } = this.options;
    const [key] = keysOfOpen(relay, origins.numbers).keys();
    if (key === undefined) return;
    try {
      const [exists] = await (await this.asker(signal)).exist([key]);
      if (exists === true) {
        this.gap = { ...this.gap, isDatabaseSure: true };
        this.problem = undefined;
      } else if (exists === false && keysOfOpen(relay, origins.numbers).has(key)) {
        this.note('the database that sources.redis.url names does not hold the status keys of what is open', signal);
      }
    } catch (error) {
      this.note(messageOf(error), signal);
    }
  }

  private async asker(signal: AbortSignal): Promise<RedisAsker> {
    const asker = this.options.asker();
    if (!asker) throw new Error('Redis is not connected yet');
    await asker.ready(signal);
    return asker;
  }

  private async wait(signal: AbortSignal): Promise<void> {
    await this.options.clock.sleep(RETRY_MS, signal).catch(() => undefined);
  }

  private note(problem: string, signal: AbortSignal): void {
    if (signal.aborted || problem === this.problem) return;
    this.problem = problem;
    this.options.logger.warn({ problem }, "coturn's status keys can't be looked at: gaps are settled by lifetimes");
  }
}

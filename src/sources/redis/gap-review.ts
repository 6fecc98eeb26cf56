import type { Relay } from '../../turn/relay';
import type { RedisAsker } from './asker';
import { RedisInfo } from './info';
import type { RedisOrigins } from './redis-origins';
import { isDoubtfulAge, isStale, isYoung, keysOfOpen, runOf, StatusKeys, wasReplica } from './status-keys';

export interface GapReviewOptions {
  readonly relay: Relay;
  readonly origins: RedisOrigins;
  readonly asker: RedisAsker;
  readonly now: () => number;
  /** Resolves when what coturn told just before has been heard; rejects when the signal aborts. */
  readonly lastWords: (signal: AbortSignal) => Promise<void>;
}

/** What is known of the time when nothing was heard. */
export interface Gap {
  /** The last time that Redis was heard, by the relay's clock. */
  readonly since: number;
  /** The run of the Redis that was heard then (`runOf`); undefined: not known. */
  readonly runId: string | undefined;
  /** The keys of allocations that began earlier may be gone since another run; undefined: no other run is known of. */
  readonly runSince: number | undefined;
  /** Whether the status keys were seen to be in the database that is looked at. */
  readonly isDatabaseSure: boolean;
}

/** What a look at the status keys brought. */
export interface Reviewed {
  readonly runId: string | undefined;
  /** Allocations that ended unheard. */
  readonly ended: number;
  /** Allocations that began unheard, and go on. */
  readonly found: number;
  /** Keys that coturn left behind. */
  readonly stale: number;
}

/**
 * Looks at the status keys after a time when nothing was heard. A key that is gone says that coturn ended its allocation,
 * where it is the same run of Redis as when it began: another may have lost keys. One that is there says little, since coturn leaves its
 * keys behind when it dies: only its age tells.
 */
export class GapReview {
  private readonly keys: StatusKeys;

  constructor(private readonly options: GapReviewOptions) {
    this.keys = new StatusKeys(options.relay, options.origins);
  }

  /** Rejects where Redis can't be asked; then nothing has been ended. */
  async run(gap: Gap, signal: AbortSignal): Promise<Reviewed> {
    const { relay, origins, asker } = this.options;
    const known = keysOfOpen(relay, origins.numbers);
    const unseen = new Map(known);
    const info = new RedisInfo(await asker.info('all'));
    const isDoubtful = isDoubtfulAge(info, wasReplica(info) ? await this.oldestAge(signal) : undefined);
    const counts = { found: 0, stale: 0 };
    for await (const page of asker.statusKeys()) {
      signal.throwIfAborted();
      for (const key of page) unseen.delete(key);
      await this.page(page, known, isDoubtful, counts);
    }
    const runId = runOf(info);
    const proves = gap.isDatabaseSure && runId !== undefined && runId === gap.runId;
    const ended = proves ? await this.endMissing(unseen, gap, signal) : 0;
    return { runId, ended, ...counts };
  }

  /** Seconds since the key was written that nobody has written for longest. */
  private async oldestAge(signal: AbortSignal): Promise<number> {
    const { asker } = this.options;
    let oldest = 0;
    for await (const page of asker.statusKeys()) {
      signal.throwIfAborted();
      for (const idle of await asker.idleSeconds(page)) oldest = Math.max(oldest, idle ?? 0);
    }
    return oldest;
  }

  private async page(
    page: readonly string[],
    known: ReadonlyMap<string, unknown>,
    isDoubtful: (idleSeconds: number) => boolean,
    counts: { found: number; stale: number },
  ): Promise<void> {
    const { asker, now } = this.options;
    const idle = await asker.idleSeconds(page);
    const young = page
      .map((key, i) => ({ key, idle: idle[i] }))
      .filter((one): one is { key: string; idle: number } => !known.has(one.key) && isYoung(one.idle, isDoubtful));
    counts.stale += idle.filter(isStale).length;
    const values = await asker.values(young.map(({ key }) => key));
    young.forEach(({ key, idle: age }, i) => {
      const value = values[i];
      if (typeof value === 'string' && this.keys.adopt(key, value, age, now())) counts.found++;
    });
  }

  /** What two servers share a key of is left to its lifetime: either may have deleted it. */
  private async endMissing(
    unseen: ReadonlyMap<string, readonly number[]>,
    { since, runSince = -Infinity }: Gap,
    signal: AbortSignal,
  ): Promise<number> {
    const { relay, asker, now } = this.options;
    const missing = [...unseen].flatMap(([key, slots]) => {
      const [slot] = slots;
      const isSole = slot !== undefined && slots.length === 1;
      return isSole && relay.view.startedAt(slot) >= runSince ? [{ key, slot }] : [];
    });
    const exists = await asker.exist(missing.map(({ key }) => key));
    // One that ends just now is gone there before its last words are here.
    if (exists.includes(false)) await this.options.lastWords(signal);
    signal.throwIfAborted();
    const open = keysOfOpen(relay, this.options.origins.numbers);
    const gone = missing.filter(({ key, slot }, i) => exists[i] === false && open.get(key)?.includes(slot) === true);
    relay.giveUp(
      gone.map(({ slot }) => slot),
      now(),
      since,
    );
    return gone.length;
  }
}

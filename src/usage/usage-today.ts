import type { Clock } from '../lib/clock';
import { messageOf } from '../lib/errors';
import type { Logger } from '../lib/logger';
import type { Service } from '../lib/services';
import { stands, type Mark } from './mark';
import type { PlacedRecord, UsageReader } from './usage-store';

export interface UsageTodayOptions {
  readonly store: UsageReader;
  /** Whose bytes these are: several user names may be one user. */
  readonly ownerOf: (userId: string) => string;
  readonly clock: Clock;
  readonly logger: Logger;
}

const DAY_MS = 86_400_000;
const POLL_MS = 5_000;
/** A bound on memory: users beyond it are not counted, and use up no quota. */
const MAX_USERS = 1_000_000;

/**
 * How much each user has relayed since midnight, UTC, in sessions that have ended: read from the store as records arrive
 * there, also those of other agents that share it.
 */
export class UsageToday implements Service {
  readonly name = 'usage today';
  private bytes = new Map<string, number>();
  private day = 0;
  private last: Mark | undefined;
  private trouble = false;
  private readonly ended = new AbortController();

  constructor(private readonly options: UsageTodayOptions) {}

  start(): Promise<void> {
    const { clock, logger } = this.options;
    const poll = async (): Promise<void> => {
      await this.poll();
      this.trouble = false;
    };
    const onError = (error: unknown): void => {
      if (!this.trouble) logger.warn({ why: messageOf(error) }, 'what users have used today could not be read');
      this.trouble = true;
    };
    // The first takes as long as the day has records, and the next begins after it: none is counted twice.
    void poll()
      .catch(onError)
      .finally(() => {
        clock.every(POLL_MS, poll, this.ended.signal, onError);
      });
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.ended.abort();
    return Promise.resolve();
  }

  /** Bytes on the client's and the peers' leg. */
  of(owner: string): number {
    return this.today() === this.day ? (this.bytes.get(owner) ?? 0) : 0;
  }

  private async poll(): Promise<void> {
    const day = this.today();
    if (day !== this.day || !(await this.canGoOn())) this.begin(day);
    const query = { from: day * DAY_MS, to: (day + 1) * DAY_MS, after: this.last?.place };
    for await (const batch of this.options.store.records(query)) {
      if (this.ended.signal.aborted) return;
      for (const record of batch) this.add(record);
    }
  }

  /** Not after what was read last where that is gone: places begin anew in a database that is made again. */
  private async canGoOn(): Promise<boolean> {
    return this.last === undefined || (await stands(this.options.store, this.last));
  }

  /** From the day's first record on: a clock that stepped may have read it before, as another day's. */
  private begin(day: number): void {
    this.bytes = new Map();
    this.day = day;
    this.last = undefined;
  }

  private add(record: PlacedRecord): void {
    const { place, id, clientReceivedBytes, clientSentBytes, peerReceivedBytes, peerSentBytes } = record;
    this.last = { place, id };
    const owner = this.options.ownerOf(record.userId);
    if (this.bytes.size >= MAX_USERS && !this.bytes.has(owner)) return;
    const bytes = clientReceivedBytes + clientSentBytes + peerReceivedBytes + peerSentBytes;
    this.bytes.set(owner, (this.bytes.get(owner) ?? 0) + bytes);
  }

  private today(): number {
    return Math.floor(this.options.clock.now() / DAY_MS);
  }
}

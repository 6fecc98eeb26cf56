import type { Clock } from '../lib/clock';
import { messageOf } from '../lib/errors';
import type { Logger } from '../lib/logger';
import type { Service } from '../lib/services';
import type { UsageFeed } from './usage-feed';

export interface HealthWatchOptions {
  readonly feed: UsageFeed;
  /** Whether clients can be sent to this relay, and what coturn does, in a sentence. */
  readonly health: () => { readonly ready: boolean; readonly coturn: string };
  readonly clock: Clock;
  readonly logger: Logger;
}

const LOOK_MS = 1_000;

/** Tells the feed when the relay's health changes. */
export class HealthWatch implements Service {
  readonly name = 'health';
  private readonly ended = new AbortController();
  private last = '';

  constructor(private readonly options: HealthWatchOptions) {}

  start(): Promise<void> {
    const { clock, logger } = this.options;
    const look = (): void => {
      this.look();
    };
    clock.every(LOOK_MS, look, this.ended.signal, (error) => {
      logger.error({ why: messageOf(error) }, 'the health of the relay could not be told');
    });
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.ended.abort();
    return Promise.resolve();
  }

  private look(): void {
    const { feed, health } = this.options;
    const data = health();
    const text = `${data.ready} ${data.coturn}`;
    if (text === this.last) return;
    this.last = text;
    feed.publish({ type: 'health', data });
  }
}

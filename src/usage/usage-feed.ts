import type { UsageRecord } from '../turn/usage-record';
import type { LiveSession } from './live-sessions';

/** What happens now, for whoever watches. */
export type FeedEvent =
  | { readonly type: 'session_opened'; readonly data: LiveSession }
  | { readonly type: 'session_closed'; readonly data: UsageRecord }
  /** A sentence about coturn, and whether the relay can be used. */
  | { readonly type: 'health'; readonly data: { readonly ready: boolean; readonly coturn: string } };

type Listener = (event: FeedEvent) => void;

/** Tells every listener what happens; it keeps nothing. Listeners must not throw. */
export class UsageFeed {
  private readonly listeners = new Set<Listener>();

  /** Whether an event is worth making. */
  get isWatched(): boolean {
    return this.listeners.size > 0;
  }

  /** Gives what ends it. */
  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  publish(event: FeedEvent): void {
    for (const listener of this.listeners) listener(event);
  }
}

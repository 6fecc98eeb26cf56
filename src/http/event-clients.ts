import type { Response } from 'express';
import type { Clock } from '../lib/clock';
import { UserError } from '../lib/errors';
import type { UsageFeed } from '../usage/usage-feed';
import type { EventType } from './events-schema';
import { cutOffOnlyUnread } from './limits';
import { eventText, HEARTBEAT } from './serialize/event-text';

const MAX_CLIENTS = 100;
/** What a client may leave unread; the kernel holds as much again. */
const MAX_UNREAD_BYTES = 1024 * 1024;
const HEARTBEAT_MS = 15_000;

export interface EventClientsOptions {
  readonly feed: UsageFeed;
  readonly clock: Clock;
  /** Ends every stream. */
  readonly stopping: AbortSignal;
}

/** Those who watch the feed. An event is made into text once for all of them, and not at all while nobody watches. */
export class EventClients {
  private readonly clients = new Map<Response, ReadonlySet<EventType>>();
  private watching: { readonly unsubscribe: () => void; readonly heartbeat: AbortController } | undefined;

  constructor(private readonly options: EventClientsOptions) {
    options.stopping.addEventListener('abort', () => {
      for (const client of this.clients.keys()) client.end();
    });
  }

  /** Sends events of these types until the client leaves. Throws `too_many` where too many watch already. */
  add(client: Response, types: readonly EventType[]): void {
    if (this.clients.size >= MAX_CLIENTS) {
      throw new UserError('too_many', `${MAX_CLIENTS} clients watch events already: close one, or try again later.`);
    }
    this.clients.set(client, new Set(types));
    client.once('close', () => {
      this.clients.delete(client);
      if (this.clients.size === 0) this.unwatch();
    });
    cutOffOnlyUnread(client);
    this.watching ??= this.watch();
    // At once, so that the client knows that it is connected.
    this.write(client, HEARTBEAT);
  }

  private watch() {
    const { feed, clock } = this.options;
    const heartbeat = new AbortController();
    const beat = (): void => {
      for (const client of this.clients.keys()) this.write(client, HEARTBEAT);
    };
    // `beat` can't fail.
    clock.every(HEARTBEAT_MS, beat, heartbeat.signal, () => undefined);
    const unsubscribe = feed.subscribe((event) => {
      const text = eventText(event);
      for (const [client, types] of this.clients) if (types.has(event.type)) this.write(client, text);
    });
    return { unsubscribe, heartbeat };
  }

  private unwatch(): void {
    this.watching?.unsubscribe();
    this.watching?.heartbeat.abort();
    this.watching = undefined;
  }

  /** A client that does not keep up is cut off: it connects again, and the others never wait for it. */
  private write(client: Response, text: string): void {
    if (client.writableEnded || client.destroyed) return;
    client.write(text);
    if (client.writableLength > MAX_UNREAD_BYTES) client.destroy();
  }
}

import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Clock } from '../../lib/clock';
import { messageOf } from '../../lib/errors';
import type { Logger } from '../../lib/logger';
import { PING, SubscribeHandshake } from './handshake';
import { PushReader, type PushListener } from './push-reader';
import type { RedisTarget } from './target';

interface SubscriberListener {
  /** What it is told is heard from now on. */
  subscribed(): void;
  /** From now on nothing is heard. Called once after each `subscribed`. */
  lost(): void;
  message(reader: PushReader): void;
  oversized(): void;
}

export interface SubscriberOptions {
  readonly target: RedisTarget;
  readonly listener: SubscriberListener;
  readonly clock: Clock;
  readonly logger: Logger;
}

const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 5_000;
const PING_MS = 5_000;
/** A Redis that has said nothing for so many PINGs is given up. Counted, not timed: a busy agent is no silent Redis. */
const MAX_UNANSWERED = 3;

/**
 * Subscribed to `turn/*` at one Redis, again and again. A reader of its own rather than a library's: it makes no string of a
 * message, at a fraction of the processor time, so that Redis does not cut it off as a slow reader.
 */
export class RedisSubscriber {
  private readonly over = new AbortController();
  private running: Promise<void> = Promise.resolve();
  private isSubscribed = false;
  private trouble: string | undefined;
  private unanswered = 0;

  constructor(private readonly options: SubscriberOptions) {}

  /** Why it is not subscribed, as a sentence; undefined while it is. */
  get problem(): string | undefined {
    return this.isSubscribed ? undefined : (this.trouble ?? 'not connected yet');
  }

  start(): void {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.over.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { clock } = this.options;
    const { signal } = this.over;
    let retryMs = FIRST_RETRY_MS;
    while (!isOver(signal)) {
      const { wasSubscribed, reason } = await this.session();
      if (isOver(signal)) return;
      this.note(reason);
      retryMs = wasSubscribed ? FIRST_RETRY_MS : Math.min(retryMs * 2, MAX_RETRY_MS);
      await clock.sleep(retryMs, signal).catch(() => undefined);
    }
  }

  /** One connection, from its beginning to its end. */
  private session(): Promise<{ wasSubscribed: boolean; reason: string }> {
    const session = new AbortController();
    const socket = this.connect();
    this.over.signal.addEventListener('abort', () => socket.destroy(), { signal: session.signal, once: true });
    this.watch(socket, session.signal);
    return new Promise((resolve) => {
      let reason = 'Redis closed the connection';
      const handshake = new SubscribeHandshake(this.options.target);
      let take = (chunk: Buffer): void => {
        const state = handshake.take(chunk);
        if (state.kind === 'failed') throw new Error(state.sentence);
        if (state.kind === 'more') return;
        const reader = this.reader();
        take = (bytes) => {
          reader.push(bytes);
        };
        this.subscribed();
        take(state.rest);
      };
      socket.write(handshake.request());
      socket.on('data', (chunk: Buffer) => {
        this.unanswered = 0;
        try {
          take(chunk);
        } catch (error) {
          socket.destroy(error as Error);
        }
      });
      socket.on('error', (error) => (reason = messageOf(error)));
      socket.on('close', () => {
        session.abort();
        resolve({ wasSubscribed: this.lost(), reason });
      });
    });
  }

  private connect(): Socket {
    const { host, port, tls } = this.options.target;
    return tls ? connectTls({ ...tls, host, port }) : connect({ host, port });
  }

  /** Asks it now and then, and gives it up when it does not answer. */
  private watch(socket: Socket, signal: AbortSignal): void {
    const { clock } = this.options;
    this.unanswered = 0;
    const look = (): void => {
      if (this.unanswered >= MAX_UNANSWERED) socket.destroy(new Error('Redis does not answer'));
      else if (this.isSubscribed) socket.write(PING);
      this.unanswered++;
    };
    clock.every(PING_MS, look, signal, (error) => socket.destroy(error as Error));
  }

  private reader(): PushReader {
    const { listener } = this.options;
    const pushes: PushListener = {
      onMessage: () => {
        listener.message(reader);
      },
      onPong: () => undefined,
      onOversized: () => {
        listener.oversized();
      },
    };
    const reader = new PushReader(pushes);
    return reader;
  }

  private subscribed(): void {
    const { logger, listener } = this.options;
    this.isSubscribed = true;
    this.trouble = undefined;
    logger.info('subscribed to Redis');
    listener.subscribed();
  }

  private lost(): boolean {
    const was = this.isSubscribed;
    this.isSubscribed = false;
    if (was) this.options.listener.lost();
    return was;
  }

  private note(reason: string): void {
    if (reason === this.trouble) return;
    this.trouble = reason;
    this.options.logger.warn({ reason }, 'Redis is not heard: what coturn tells it meanwhile is lost');
  }
}

/** A call, since it changes while one waits. */
function isOver(signal: AbortSignal): boolean {
  return signal.aborted;
}

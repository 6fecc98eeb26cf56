import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Clock } from '../../lib/clock';
import { messageOf } from '../../lib/errors';
import type { Logger } from '../../lib/logger';
import { PING, SubscribeHandshake } from './handshake';
import { Intake, type IntakeListener } from './intake';
import type { RedisTarget } from './target';

interface SubscriberListener extends IntakeListener {
  /** What it is told is heard from now on. */
  subscribed(): void;
  /** From now on nothing is heard. Called once after each `subscribed`. */
  lost(): void;
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
    const handshake = new SubscribeHandshake(this.options.target);
    const intake = new Intake(handshake, this.options.listener, () => {
      this.subscribed();
    });
    const socket = this.connect(intake);
    this.over.signal.addEventListener('abort', () => socket.destroy(), { signal: session.signal, once: true });
    this.watch(socket, session.signal);
    socket.write(handshake.request());
    return new Promise((resolve) => {
      let reason = 'Redis closed the connection';
      socket.on('error', (error) => (reason = messageOf(error)));
      socket.on('close', () => {
        session.abort();
        resolve({ wasSubscribed: this.lost(), reason });
      });
    });
  }

  /** Plain TCP is read into the intake's own buffer; TLS knows no such way. */
  private connect(intake: Intake): Socket {
    const { host, port, tls } = this.options.target;
    const guarded = (take: () => void): void => {
      this.unanswered = 0;
      try {
        take();
      } catch (error) {
        socket.destroy(error as Error);
      }
    };
    const callback = (bytes: number): boolean => {
      guarded(() => {
        intake.took(bytes);
      });
      return true;
    };
    const socket = tls
      ? connectTls({ ...tls, host, port })
      : connect({ host, port, onread: { buffer: () => intake.space(), callback } });
    if (tls) {
      socket.on('data', (chunk: Buffer) => {
        guarded(() => {
          intake.push(chunk);
        });
      });
    }
    return socket;
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

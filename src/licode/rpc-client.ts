import { randomUUID } from 'node:crypto';
import type { Clock } from '../lib/clock';
import type { Rejections } from './rejections';
import { encodeCall, parseAnswer, type Call } from './wire';

export type RpcOutcome =
  | { readonly kind: 'answer'; readonly data: unknown }
  /** Nothing came in time, or the connection or the agent ended. */
  | { readonly kind: 'unanswered' }
  /** There is no queue of that name: the component is no more. */
  | { readonly kind: 'gone' };

export interface RpcOptions {
  readonly timeoutMs: number;
  /** How long RabbitMQ may keep the call for a component that does not read, milliseconds; the time-out unless given. */
  readonly keepMs?: number;
  /** Gets an answer that comes when nobody waits any more. */
  readonly onLate?: (data: unknown) => void;
}

/** Sends a body to a component by name; RabbitMQ drops it when nobody took it within `keepMs`. Throws when not connected. */
export type Publish = (to: string, body: Buffer, corrId: string, keepMs: number) => void;

/** More answers that are awaited although late are not remembered. */
const MAX_LATE = 1000;
const UNANSWERED = { kind: 'unanswered' } as const;

/** Calls of licode's components, on one connection. */
export class RpcClient {
  private readonly pending = new Map<string, (outcome: RpcOutcome) => void>();
  private readonly late = new Map<string, (data: unknown) => void>();

  constructor(
    private readonly publish: Publish,
    private readonly replyTo: string,
    private readonly clock: Clock,
    private readonly rejections: Rejections,
  ) {}

  /** Never rejects. */
  async call(call: Call, { timeoutMs, keepMs = timeoutMs, onLate }: RpcOptions): Promise<RpcOutcome> {
    const corrId = randomUUID();
    const settled = new AbortController();
    const outcome = new Promise<RpcOutcome>((resolve) => this.pending.set(corrId, resolve));
    const timeout = this.clock.sleep(timeoutMs, settled.signal).then(
      () => UNANSWERED,
      () => UNANSWERED,
    );
    try {
      this.publish(call.to, encodeCall(call, corrId, this.replyTo), corrId, keepMs);
      const first = await Promise.race([outcome, timeout]);
      if (first.kind === 'unanswered' && onLate) this.awaitLate(corrId, onLate);
      return first;
    } catch {
      return UNANSWERED; // the channel closed a moment ago: whoever opened it sees the cause
    } finally {
      settled.abort();
      this.pending.delete(corrId);
    }
  }

  /** A message of the reply queue. */
  accept(body: Buffer): void {
    const answer = parseAnswer(body);
    if (typeof answer === 'string') {
      this.rejections[answer]++;
      return;
    }
    const { corrId, data } = answer;
    const late = this.late.get(corrId);
    this.late.delete(corrId);
    const resolve = this.pending.get(corrId);
    if (resolve) resolve({ kind: 'answer', data });
    else if (late) late(data);
    else this.rejections.unknown++;
  }

  /** RabbitMQ had no queue for that call. */
  returned(corrId: string): void {
    this.pending.get(corrId)?.({ kind: 'gone' });
  }

  /** Lets nobody wait any longer. */
  giveUp(): void {
    for (const resolve of this.pending.values()) resolve(UNANSWERED);
  }

  private awaitLate(corrId: string, onLate: (data: unknown) => void): void {
    const [oldest] = this.late.keys();
    if (this.late.size >= MAX_LATE && oldest !== undefined) this.late.delete(oldest);
    this.late.set(corrId, onLate);
  }
}

import type { SubscribeHandshake } from './handshake';
import { PushReader } from './push-reader';

export interface IntakeListener {
  /** Bytes have come: what was read before is no more. */
  chunk(): void;
  message(reader: PushReader): void;
  oversized(): void;
}

/** Takes the bytes of one connection: the handshake's, then messages. */
export class Intake {
  private readonly reader: PushReader;
  private isSubscribed = false;

  constructor(
    private readonly handshake: SubscribeHandshake,
    private readonly listener: IntakeListener,
    private readonly onSubscribed: () => void,
  ) {
    this.reader = new PushReader({
      onMessage: () => {
        listener.message(this.reader);
      },
      onPong: () => undefined,
      onOversized: () => {
        listener.oversized();
      },
    });
  }

  /** Where the next bytes are to be put, for `took`. */
  space(): Buffer {
    return this.reader.space();
  }

  /** So many bytes were put into `space`. Throws where they are not what a Redis says to a subscriber. */
  took(bytes: number): void {
    if (!this.isSubscribed) {
      this.shakeHands(this.space().subarray(0, bytes));
      return;
    }
    this.listener.chunk();
    this.reader.took(bytes);
  }

  /** Takes bytes from elsewhere. Throws the same. */
  push(chunk: Buffer): void {
    if (!this.isSubscribed) this.shakeHands(chunk);
    else this.read(chunk);
  }

  private read(chunk: Buffer): void {
    this.listener.chunk();
    this.reader.push(chunk);
  }

  private shakeHands(chunk: Buffer): void {
    const state = this.handshake.take(chunk);
    if (state.kind === 'failed') throw new Error(state.sentence);
    if (state.kind === 'more') return;
    this.isSubscribed = true;
    this.onSubscribed();
    this.read(state.rest);
  }
}

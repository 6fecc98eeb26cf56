import { decodeStunMessage, type StunMessage } from '../../turn/stun-message';
import type { CarrierListener } from './carrier';
import { isSignedBy } from './long-term-login';
import { failureOf, TurnFailure } from './turn-failure';

/** A server that sends more than this for nothing is none that we want. */
const MAX_STRANGE = 100;

interface Expected {
  readonly request: StunMessage;
  /** What a success has to be signed with. */
  readonly key: Buffer | undefined;
  readonly resolve: (answer: StunMessage) => void;
  readonly reject: (failure: TurnFailure) => void;
}

/** Finds the answer to the one request under way in what comes from a server. */
export class Inbox implements CarrierListener {
  private readonly asked = new Set<string>();
  private expected: Expected | undefined;
  private failure: TurnFailure | undefined;
  private strange = 0;

  /** Whether anything came that answers none of our requests. */
  get sawStrange(): boolean {
    return this.strange > 0;
  }

  /** Resolves with a success or an error response; rejects with TurnFailure when nothing can come any more. */
  expect(request: StunMessage, key: Buffer | undefined): Promise<StunMessage> {
    this.asked.add(idOf(request));
    return new Promise((resolve, reject) => {
      if (this.failure) reject(this.failure);
      else this.expected = { request, key, resolve, reject };
    });
  }

  readonly onMessage = (bytes: Buffer): void => {
    const message = decodeStunMessage(bytes);
    if (message && this.expected && answers(message, bytes, this.expected)) this.expected.resolve(message);
    // The second answer to a request that was sent again is late, not strange.
    else if (!message || !this.asked.has(idOf(message)) || message.class === 'success') this.countStrange();
  };

  readonly onEnd = (error: unknown): void => {
    this.failure ??= failureOf(error);
    this.expected?.reject(this.failure);
  };

  private countStrange(): void {
    if (++this.strange > MAX_STRANGE) this.onEnd(new TurnFailure('garbled'));
  }
}

/** A success that is not signed counts as if it had not come (RFC 8489 section 9.2.5); a refusal may be unsigned. */
function answers(message: StunMessage, bytes: Buffer, { request, key }: Expected): boolean {
  if (idOf(message) !== idOf(request) || message.method !== request.method) return false;
  return message.class === 'error' || (message.class === 'success' && (!key || isSignedBy(key, bytes)));
}

function idOf({ transactionId }: StunMessage): string {
  return Buffer.from(transactionId).toString('hex');
}

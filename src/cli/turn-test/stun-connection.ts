import { within } from '../../coturn/within';
import type { Clock } from '../../lib/clock';
import { encodeStunMessage, type StunMessage } from '../../turn/stun-message';
import type { Carrier, Endpoint } from './carrier';
import { Inbox } from './inbox';
import { signed, type LongTermLogin } from './long-term-login';
import { openStream } from './stream-carrier';
import { failureOf, TurnFailure } from './turn-failure';
import { openUdp } from './udp-carrier';

/** How long a server is waited for, each time. */
export const PATIENCE_MS = 3000;
/** Over UDP a request is sent again, after 500 ms at first, then after twice as long (RFC 8489 section 6.2.1). */
const WAITS_MS = [500, 1000, 1500];

/** Asks a STUN server one request after the other. */
export class StunConnection {
  private constructor(
    private readonly carrier: Carrier,
    private readonly inbox: Inbox,
    private readonly clock: Clock,
  ) {}

  /** Rejects with TurnFailure. */
  static async open(endpoint: Endpoint, clock: Clock): Promise<StunConnection> {
    const inbox = new Inbox();
    const carrier = await within(clock, PATIENCE_MS, (signal) =>
      (endpoint.transport === 'udp' ? openUdp(endpoint, inbox) : openStream(endpoint, inbox, signal)).catch(
        (error: unknown) => {
          throw signal.aborted ? new TurnFailure('silent') : failureOf(error);
        },
      ),
    );
    return new StunConnection(carrier, inbox, clock);
  }

  /** The success or error response. Rejects with TurnFailure. */
  async ask(request: StunMessage, login?: LongTermLogin): Promise<StunMessage> {
    const bytes = encodeStunMessage(login ? signed(request, login) : request);
    const over = new AbortController();
    try {
      return await Promise.race([this.inbox.expect(request, login?.key), this.keepSending(bytes, over.signal)]);
    } finally {
      over.abort();
    }
  }

  close(): void {
    this.carrier.close();
  }

  private async keepSending(bytes: Buffer, signal: AbortSignal): Promise<never> {
    for (const waitMs of this.carrier.isReliable ? [PATIENCE_MS] : WAITS_MS) {
      this.carrier.send(bytes);
      await this.clock.sleep(waitMs, signal);
    }
    throw new TurnFailure(this.inbox.sawStrange ? 'garbled' : 'silent');
  }
}

import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Clock } from '../../lib/clock';
import { bindingRequest, decodeStunMessage, encodeStunMessage, TRANSACTION_ID_BYTES } from '../../turn/stun-message';
import { isUnicast } from './unicast';

export type ProbeOutcome =
  | { readonly kind: 'answered'; readonly ms: number }
  /** No answer in time. */
  | { readonly kind: 'lost' }
  /** It could not be sent: no address, no route, nothing of this family on this machine. */
  | { readonly kind: 'unsent' };

interface Waiting {
  readonly sentAt: number;
  readonly family: Family;
  readonly tell: (outcome: ProbeOutcome) => void;
}

type Family = 'ipv4' | 'ipv6';

const TIMEOUT_MS = 2000;

/**
 * Asks STUN servers for a Binding (RFC 8489 section 2), one packet each, which is never sent again: an answer to two packets
 * would not tell when it was asked for. One socket an address family serves all; who answers is known by the random id.
 * Nothing but these 20 bytes is sent, whatever others write into the registry, and to one machine only.
 */
export class BindingSockets {
  private readonly sockets = new Map<Family, Socket>();
  private readonly waiting = new Map<string, Waiting>();

  constructor(private readonly clock: Pick<Clock, 'monotonic'>) {}

  /** `address`: IP. The outcome is told once; a lost one by `expire`, and none after `close`. */
  ask(address: string, port: number, tell: (outcome: ProbeOutcome) => void): void {
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (!isUnicast(address, family)) {
      tell({ kind: 'unsent' });
      return;
    }
    const transactionId = randomBytes(TRANSACTION_ID_BYTES);
    const id = keyOf(transactionId);
    const socket = this.sockets.get(family) ?? this.open(family);
    this.waiting.set(id, { sentAt: this.clock.monotonic(), family, tell });
    socket.send(encodeStunMessage(bindingRequest(transactionId)), port, address, (error) => {
      if (error) this.settle(id, { kind: 'unsent' });
    });
  }

  /** Gives up what has waited too long. */
  expire(): void {
    const latest = this.clock.monotonic() - TIMEOUT_MS;
    for (const [id, { sentAt }] of this.waiting) {
      if (sentAt > latest) return; // and so are all after it
      this.settle(id, { kind: 'lost' });
    }
  }

  close(): void {
    for (const socket of this.sockets.values()) socket.close();
    this.sockets.clear();
    this.waiting.clear();
  }

  private open(family: Family): Socket {
    const socket = createSocket(family === 'ipv6' ? 'udp6' : 'udp4');
    socket.on('message', (bytes) => {
      this.receive(bytes);
    });
    socket.on('error', () => {
      this.abandon(family, socket);
    });
    this.sockets.set(family, socket);
    return socket;
  }

  /** Any response to a request of ours counts, an error too (coturn's `secure-stun`). */
  private receive(bytes: Buffer): void {
    const message = decodeStunMessage(bytes);
    if (message?.class !== 'success' && message?.class !== 'error') return;
    const id = keyOf(message.transactionId);
    const ms = this.clock.monotonic() - (this.waiting.get(id)?.sentAt ?? 0);
    this.settle(id, ms < TIMEOUT_MS ? { kind: 'answered', ms } : { kind: 'lost' });
  }

  /** The next request opens another one. */
  private abandon(family: Family, socket: Socket): void {
    this.sockets.delete(family);
    socket.close();
    for (const [id, waiting] of this.waiting) if (waiting.family === family) this.settle(id, { kind: 'unsent' });
  }

  private settle(id: string, outcome: ProbeOutcome): void {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    waiting?.tell(outcome);
  }
}

function keyOf(transactionId: Uint8Array): string {
  return Buffer.from(transactionId).toString('latin1');
}

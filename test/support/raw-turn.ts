import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { decodeStunMessage, encodeStunMessage, type StunAttribute } from '../../src/turn/stun-message';
import { ALLOCATE, MESSAGE_INTEGRITY, NONCE, ORIGIN, REALM, REQUESTED_TRANSPORT, UDP, USERNAME } from './stun-numbers';

const TO_RELAY: StunAttribute = { type: REQUESTED_TRANSPORT, value: UDP };
const ANSWER_WITHIN_MS = 200;
/** UDP loses datagrams on a busy machine, so a request is sent again (RFC 8489 section 6.2.1). */
const SENDS = 5;

interface Challenge {
  readonly socket: Socket;
  readonly realm: StunAttribute;
  readonly nonce: StunAttribute;
}

/** Sends a TURN server on a loopback UDP port what no honest client would. */
export class RawTurn {
  constructor(private readonly port: number) {}

  /** Whether it asks for credentials, as it does from every stranger. */
  async answers(): Promise<boolean> {
    const challenged = await this.challenge();
    challenged?.socket.close();
    return challenged !== undefined;
  }

  /** An Allocate with a user name and no valid integrity. */
  async allocateAs(username: string): Promise<void> {
    const challenged = await this.challenge();
    if (!challenged) throw new Error('coturn does not answer');
    const { socket, realm, nonce } = challenged;
    const user = { type: USERNAME, value: Buffer.from(username) };
    const integrity = { type: MESSAGE_INTEGRITY, value: Buffer.alloc(20) };
    await this.ask(socket, [TO_RELAY, user, realm, nonce, integrity]);
    socket.close();
  }

  async allocateWithOrigin(origin: string): Promise<void> {
    const socket = createSocket('udp4');
    await this.ask(socket, [TO_RELAY, { type: ORIGIN, value: Buffer.from(origin) }]);
    socket.close();
  }

  /** Asks for an allocation without credentials. The caller closes the socket. */
  private async challenge(): Promise<Challenge | undefined> {
    const socket = createSocket('udp4');
    const answer = await this.ask(socket, [TO_RELAY]);
    const realm = answer?.find(({ type }) => type === REALM);
    const nonce = answer?.find(({ type }) => type === NONCE);
    if (realm && nonce) return { socket, realm, nonce };
    socket.close();
    return undefined;
  }

  private async ask(
    socket: Socket,
    attributes: readonly StunAttribute[],
  ): Promise<readonly StunAttribute[] | undefined> {
    const request = { class: 'request', method: ALLOCATE, transactionId: randomBytes(12), attributes } as const;
    for (let sent = 0; sent < SENDS; sent++) {
      socket.send(encodeStunMessage(request), this.port, '127.0.0.1');
      const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
      const answer: unknown[] = await once(socket, 'message', { signal }).catch(() => []);
      if (answer[0] instanceof Buffer) return decodeStunMessage(answer[0])?.attributes;
    }
    return undefined;
  }
}

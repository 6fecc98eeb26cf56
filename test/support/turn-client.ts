import { createHash, createHmac, randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { restPassword } from '../../src/turn/rest-credential';
import {
  decodeStunMessage,
  encodeStunMessage,
  type StunAttribute,
  type StunMessage,
} from '../../src/turn/stun-message';
import { ALLOCATE, MESSAGE_INTEGRITY, NONCE, ORIGIN, REALM, REQUESTED_TRANSPORT, UDP, USERNAME } from './stun-numbers';

const INTEGRITY_BYTES = 24;

/** A TURN client over UDP on loopback, with a real allocation and texts that no honest client would send. */
export class TurnClient {
  private constructor(private readonly socket: Socket) {}

  static async connect(port: number): Promise<TurnClient> {
    const socket = createSocket('udp4');
    socket.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new TurnClient(socket);
  }

  /** This client's `ip:port`. */
  get address(): string {
    const { address, port } = this.socket.address();
    return `${address}:${port}`;
  }

  /** Gets an allocation with a REST credential; it stays until it expires. Throws where it is refused. */
  async allocate(username: string, secret: string, origin?: string): Promise<void> {
    const wishes = [attribute(REQUESTED_TRANSPORT, UDP)];
    if (origin !== undefined) wishes.unshift(attribute(ORIGIN, Buffer.from(origin, 'latin1')));
    const challenge = await this.ask(request(wishes));
    const [realm, nonce] = [REALM, NONCE].map((type) => attribute(type, valueOf(challenge, type)));
    if (!realm || !nonce) throw new Error('coturn asked for no credential');
    const key = `${username}:${Buffer.from(realm.value).toString()}:${restPassword(secret, username)}`;
    const message = request([...wishes, attribute(USERNAME, Buffer.from(username)), realm, nonce]);
    const answer = await this.ask(signed(message, createHash('md5').update(key).digest()));
    if (answer.class !== 'success') throw new Error('coturn refused the allocation');
  }

  close(): void {
    this.socket.close();
  }

  private async ask(message: StunMessage): Promise<StunMessage> {
    const answered = once(this.socket, 'message') as Promise<[Buffer]>;
    this.socket.send(encodeStunMessage(message));
    const answer = decodeStunMessage((await answered)[0]);
    if (!answer) throw new Error('coturn answered with something else');
    return answer;
  }
}

function attribute(type: number, value: Uint8Array): StunAttribute {
  return { type, value };
}

function request(attributes: readonly StunAttribute[]): StunMessage {
  return { class: 'request', method: ALLOCATE, transactionId: randomBytes(12), attributes };
}

function valueOf({ attributes }: StunMessage, type: number): Uint8Array {
  const found = attributes.find((each) => each.type === type);
  if (!found) throw new Error(`coturn's answer lacks attribute ${type}`);
  return found.value;
}

/** With MESSAGE-INTEGRITY, made over a header whose length counts it already (RFC 8489 section 14.5). */
function signed(message: StunMessage, key: Buffer): StunMessage {
  const bytes = encodeStunMessage(message);
  bytes.writeUInt16BE(bytes.readUInt16BE(2) + INTEGRITY_BYTES, 2);
  const integrity = attribute(MESSAGE_INTEGRITY, createHmac('sha1', key).update(bytes).digest());
  return { ...message, attributes: [...message.attributes, integrity] };
}

import { createHash, createHmac, randomBytes } from 'node:crypto';
import { restPassword } from '../../src/turn/rest-credential';
import {
  decodeStunMessage,
  encodeStunMessage,
  type StunAttribute,
  type StunMessage,
} from '../../src/turn/stun-message';
import * as stun from './stun-numbers';
import { connectCarrier, type Carrier, type ClientTransport, type WireCounts } from './turn-carrier';
import { CHANNEL_HEADER, channelData, dataOf, isChannelData } from './turn-frames';

const INTEGRITY_BYTES = 24;
/** A request over UDP is sent again after these waits (RFC 8489 section 6.2.1), and given up after the last. */
const WAITS_MS = [500, 1000, 2000, 4000];
const MAGIC_COOKIE = 0x2112a442;
const FIRST_CHANNEL = 0x4000;

/** What coturn accepts as the same user's next request. */
interface Credentials {
  readonly key: Buffer;
  readonly attributes: readonly StunAttribute[];
}

/** A TURN client over UDP or TCP on loopback, with one allocation; it can say what no honest client would. */
export class TurnClient {
  /** What it sent and received, requests that were sent again and all, as coturn 4.6.1 counts them. */
  readonly counts: WireCounts = { sentPackets: 0, sentBytes: 0, receivedPackets: 0, receivedBytes: 0 };
  /** Called with what a peer sent. */
  onData: ((data: Buffer) => void) | undefined;
  /** The relay is gone, or has let go of the connection. */
  isGone = false;
  private carrier: Carrier | undefined;
  private credentials: Credentials | undefined;
  private readonly waiting = new Map<string, (answer: StunMessage | undefined) => void>();

  private constructor() {
    // Only `connect` makes one that works.
  }

  /** Rejects where nothing listens (TCP). */
  static async connect(port: number, transport: ClientTransport = 'udp'): Promise<TurnClient> {
    const client = new TurnClient();
    client.carrier = await connectCarrier(transport, port, {
      onFrame: (frame) => {
        client.receive(frame);
      },
      onGone: () => {
        client.isGone = true;
        for (const answer of client.waiting.values()) answer(undefined);
      },
    });
    return client;
  }

  /** This client's `ip:port`. */
  get address(): string {
    return this.carrier?.address ?? '';
  }

  /** Gets an allocation with a REST credential; it stays until it expires. Throws where it is refused. */
  async allocate(username: string, secret: string, origin?: string, lifetimeSeconds?: number): Promise<void> {
    await this.allocateWith(username, restPassword(secret, username), origin, lifetimeSeconds);
  }

  /** The same with a password. */
  async allocateWith(username: string, password: string, origin?: string, lifetimeSeconds?: number): Promise<void> {
    const wishes = [attribute(stun.REQUESTED_TRANSPORT, stun.UDP)];
    if (lifetimeSeconds !== undefined) wishes.push(attribute(stun.LIFETIME, uint32(lifetimeSeconds)));
    if (origin !== undefined) wishes.unshift(attribute(stun.ORIGIN, Buffer.from(origin, 'latin1')));
    const challenge = await this.ask(request(stun.ALLOCATE, wishes));
    const [realm, nonce] = [stun.REALM, stun.NONCE].map((type) => attribute(type, valueOf(challenge, type)));
    if (!realm || !nonce) throw new Error('coturn asked for no credential');
    const key = `${username}:${Buffer.from(realm.value).toString()}:${password}`;
    this.credentials = {
      key: createHash('md5').update(key).digest(),
      attributes: [attribute(stun.USERNAME, Buffer.from(username)), realm, nonce],
    };
    await this.demand(stun.ALLOCATE, wishes);
  }

  /** 0 gives the allocation back. Throws where it is refused. */
  async refresh(lifetimeSeconds: number): Promise<void> {
    await this.demand(stun.REFRESH, [attribute(stun.LIFETIME, uint32(lifetimeSeconds))]);
  }

  /** Lets a peer on loopback be reached with `sendTo`. */
  async permit(peerPort: number): Promise<void> {
    await this.demand(stun.CREATE_PERMISSION, [peerAddress(peerPort)]);
  }

  /** Lets a peer on loopback be reached with `sendOnChannel`. */
  async bindChannel(peerPort: number): Promise<void> {
    const number = uint32(FIRST_CHANNEL * 0x10000);
    await this.demand(stun.CHANNEL_BIND, [attribute(stun.CHANNEL_NUMBER, number), peerAddress(peerPort)]);
  }

  sendTo(peerPort: number, data: Buffer): void {
    const attributes = [peerAddress(peerPort), attribute(stun.DATA, data)];
    this.write(encodeStunMessage({ ...request(stun.SEND, attributes), class: 'indication' }));
  }

  sendOnChannel(data: Buffer): void {
    const frame = channelData(FIRST_CHANNEL, data, this.carrier?.isReliable ?? false);
    // coturn counts the padding that it sends, and not the one that it receives.
    this.write(frame, CHANNEL_HEADER + data.length);
  }

  close(): void {
    this.carrier?.close();
    for (const answer of this.waiting.values()) answer(undefined);
  }

  private write(frame: Buffer, counted = frame.length): void {
    this.counts.sentPackets++;
    this.counts.sentBytes += counted;
    this.carrier?.send(frame);
  }

  private receive(frame: Buffer): void {
    this.counts.receivedPackets++;
    this.counts.receivedBytes += frame.length;
    if (isChannelData(frame)) {
      this.onData?.(dataOf(frame));
      return;
    }
    const message = decodeStunMessage(frame);
    if (!message) throw new Error('coturn sent something else than STUN and ChannelData');
    if (message.class === 'indication' && message.method === stun.DATA_INDICATION) {
      this.onData?.(Buffer.from(valueOf(message, stun.DATA)));
    } else {
      this.waiting.get(idOf(message))?.(message);
    }
  }

  /** A request that has to succeed, as the user of the allocation. */
  private async demand(method: number, attributes: readonly StunAttribute[]): Promise<void> {
    const { credentials } = this;
    if (!credentials) throw new Error('there is no allocation yet');
    const message = request(method, [...attributes, ...credentials.attributes]);
    const answer = await this.ask(signed(message, credentials.key));
    if (answer.class !== 'success') throw new Error(`coturn refused method ${method}`);
  }

  private async ask(message: StunMessage): Promise<StunMessage> {
    const bytes = encodeStunMessage(message);
    try {
      for (const [sent, wait] of WAITS_MS.entries()) {
        if (this.isGone) break;
        if (sent === 0 || this.carrier?.isReliable !== true) this.write(bytes);
        const answer = await this.answerWithin(wait, idOf(message));
        if (answer) return answer;
      }
    } finally {
      this.waiting.delete(idOf(message));
    }
    throw new Error(this.isGone ? 'coturn is gone' : 'coturn did not answer');
  }

  private answerWithin(ms: number, id: string): Promise<StunMessage | undefined> {
    return new Promise((resolve) => {
      const late = setTimeout(resolve, ms, undefined);
      this.waiting.set(id, (answer) => {
        clearTimeout(late);
        resolve(answer);
      });
    });
  }
}

function attribute(type: number, value: Uint8Array): StunAttribute {
  return { type, value };
}

/** XOR-PEER-ADDRESS of a port on 127.0.0.1 (RFC 8489 section 14.2). */
function peerAddress(port: number): StunAttribute {
  const value = Buffer.alloc(8);
  value.writeUInt8(1, 1);
  value.writeUInt16BE(port ^ (MAGIC_COOKIE >>> 16), 2);
  value.writeUInt32BE((0x7f000001 ^ MAGIC_COOKIE) >>> 0, 4);
  return attribute(stun.XOR_PEER_ADDRESS, value);
}

function uint32(number: number): Buffer {
  const value = Buffer.alloc(4);
  value.writeUInt32BE(number);
  return value;
}

function request(method: number, attributes: readonly StunAttribute[]): StunMessage {
  return { class: 'request', method, transactionId: randomBytes(12), attributes };
}

function idOf({ transactionId }: StunMessage): string {
  return Buffer.from(transactionId).toString('latin1');
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
  const integrity = attribute(stun.MESSAGE_INTEGRITY, createHmac('sha1', key).update(bytes).digest());
  return { ...message, attributes: [...message.attributes, integrity] };
}

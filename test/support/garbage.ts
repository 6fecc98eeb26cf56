import { randomBytes, randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { encodeStunMessage, type StunAttribute } from '../../src/turn/stun-message';

const NOISY_CONNECTIONS = 40;
const MAX_NOISE_BYTES = 20_000;
const DRIPPING_CONNECTIONS = 5;
const DRIP_MS = 20;
/** More than any port of the agent takes from strangers (512 on the HTTP port). */
const SILENT_CONNECTIONS = 600;
const DATAGRAMS = 500;
/** At loopback's speed more at a time would only fill the receiver's buffer. */
const DATAGRAMS_AT_A_TIME = 50;

/** Clients that mean no good to ports on 127.0.0.1. What they open stays open until `stop`, or until it is cut off. */
export class Garbage {
  private readonly sockets: Socket[] = [];
  private readonly timers: NodeJS.Timeout[] = [];

  /** Connections that send noise. */
  async noise(port: number): Promise<void> {
    const noises = Array.from({ length: NOISY_CONNECTIONS }, () => randomBytes(randomInt(1, MAX_NOISE_BYTES)));
    await this.pour(port, noises);
  }

  /** Connections that say this and no more, one each. */
  async pour(port: number, each: readonly (string | Buffer)[]): Promise<void> {
    await Promise.all(each.map((bytes) => this.send(port, bytes)));
  }

  /** Connections that give a byte of these now and then. */
  async drip(port: number, bytes: string | Buffer): Promise<void> {
    for (let i = 0; i < DRIPPING_CONNECTIONS; i++) {
      const socket = await this.open(port);
      const drops = Buffer.from(bytes).values();
      this.timers.push(
        setInterval(() => {
          const drop = drops.next();
          if (drop.done !== true && socket.writable) socket.write(Buffer.of(drop.value));
        }, DRIP_MS),
      );
    }
  }

  /** Connections that say nothing. */
  async crowd(port: number): Promise<void> {
    await Promise.all(Array.from({ length: SILENT_CONNECTIONS }, () => this.open(port)));
  }

  /** Datagrams of noise, and STUN messages with attributes of noise. */
  async shower(port: number): Promise<void> {
    const socket = createSocket('udp4');
    for (let sent = 0; sent < DATAGRAMS; sent += DATAGRAMS_AT_A_TIME) {
      for (let i = 0; i < DATAGRAMS_AT_A_TIME; i++) {
        socket.send(i % 2 === 0 ? randomBytes(randomInt(1, 1500)) : noisyStun(), port, '127.0.0.1');
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    socket.close();
  }

  stop(): void {
    for (const timer of this.timers) clearInterval(timer);
    for (const socket of this.sockets) socket.destroy();
  }

  private async send(port: number, bytes: string | Buffer): Promise<void> {
    (await this.open(port)).write(bytes);
  }

  /** Resolves when it is connected, or refused. */
  private async open(port: number): Promise<Socket> {
    const socket = connect(port, '127.0.0.1');
    this.sockets.push(socket);
    socket.on('error', () => socket.destroy());
    socket.resume();
    await once(socket, 'connect').catch(() => undefined);
    return socket;
  }
}

/** Any method and attributes, well-formed but for what is in them. No percent sign: see GHSA-4g7c-p5wg-j4hp. */
function noisyStun(): Buffer {
  const attributes = Array.from({ length: randomInt(0, 6) }, (): StunAttribute => {
    const value = randomBytes(randomInt(0, 200)).map((byte) => (byte === 0x25 ? 0 : byte));
    return { type: randomInt(0, 0x40), value };
  });
  return encodeStunMessage({
    class: 'request',
    method: randomInt(1, 16),
    transactionId: randomBytes(12),
    attributes,
  });
}

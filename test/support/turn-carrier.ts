import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { TurnFrames } from './turn-frames';

export type ClientTransport = 'udp' | 'tcp';

/** What passed over the wire, in STUN messages and ChannelData messages. */
export interface WireCounts {
  sentPackets: number;
  sentBytes: number;
  receivedPackets: number;
  receivedBytes: number;
}

/** Carries whole frames between a client and the relay. */
export interface Carrier {
  /** The client's `ip:port`. */
  readonly address: string;
  readonly isReliable: boolean;
  send(frame: Buffer): void;
  close(): void;
}

export interface CarrierListener {
  readonly onFrame: (frame: Buffer) => void;
  /** The other side is gone. Not told after `close`. */
  readonly onGone: () => void;
}

/** Reaches a TURN server on a loopback port. Rejects where nothing listens (TCP). */
export async function connectCarrier(
  transport: ClientTransport,
  port: number,
  listener: CarrierListener,
): Promise<Carrier> {
  return transport === 'udp' ? await connectUdp(port, listener) : await connectTcp(port, listener);
}

async function connectUdp(port: number, { onFrame, onGone }: CarrierListener): Promise<Carrier> {
  const socket = createSocket('udp4');
  socket.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const { address, port: own } = socket.address();
  let open = true;
  socket.on('message', onFrame);
  const close = (): void => {
    if (open) socket.close();
    open = false;
  };
  // ICMP says that nobody listens at that port any more.
  socket.on('error', () => {
    if (!open) return;
    close();
    onGone();
  });
  return {
    address: `${address}:${own}`,
    isReliable: false,
    send: (frame) => {
      if (open) socket.send(frame);
    },
    close,
  };
}

async function connectTcp(port: number, { onFrame, onGone }: CarrierListener): Promise<Carrier> {
  const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  const frames = new TurnFrames();
  let open = true;
  socket.on('data', (data) => {
    for (const frame of frames.push(data)) onFrame(frame);
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    if (open) onGone();
    open = false;
  });
  return {
    address: `${socket.localAddress ?? ''}:${socket.localPort ?? 0}`,
    isReliable: true,
    send: (frame) => {
      if (open) socket.write(frame);
    },
    close: () => {
      open = false;
      socket.end();
    },
  };
}

import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

const BUFFER_BYTES = 4 * 1024 * 1024;

/** A peer on 127.0.0.1 that sends everything back. */
export class EchoPeer {
  private constructor(
    private readonly socket: Socket,
    readonly port: number,
  ) {}

  static async start(): Promise<EchoPeer> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: BUFFER_BYTES });
    socket.on('message', (data, { address, port }) => {
      socket.send(data, port, address);
    });
    // A relay that is gone, says ICMP; the next datagram finds another.
    socket.on('error', () => undefined);
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new EchoPeer(socket, socket.address().port);
  }

  stop(): void {
    this.socket.close();
  }
}

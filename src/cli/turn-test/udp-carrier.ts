import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import type { Carrier, CarrierListener, Endpoint } from './carrier';

/** A connected socket: the kernel drops what others send, and tells of the ICMP errors of this server (udp(7)). */
export async function openUdp({ address, port }: Endpoint, listener: CarrierListener): Promise<Carrier> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  socket.on('message', listener.onMessage);
  try {
    socket.connect(port, address);
    await once(socket, 'connect');
  } catch (error) {
    socket.close();
    throw error;
  }
  socket.on('error', listener.onEnd);
  return {
    isReliable: false,
    send: (message) => {
      socket.send(message, (error) => {
        if (error) listener.onEnd(error);
      });
    },
    close: () => {
      socket.close();
    },
  };
}

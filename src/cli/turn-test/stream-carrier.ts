import { once } from 'node:events';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Carrier, CarrierListener, Endpoint } from './carrier';
import { StunFrames } from './stun-frames';
import { TurnFailure } from './turn-failure';

/** Over TCP or TLS. Rejects with the error of the socket or of TLS, or when the signal aborts. */
export async function openStream(endpoint: Endpoint, listener: CarrierListener, signal: AbortSignal): Promise<Carrier> {
  const isTls = endpoint.transport === 'tls';
  const socket = isTls ? tlsSocket(endpoint) : connect({ host: endpoint.address, port: endpoint.port });
  socket.setNoDelay();
  socket.on('error', listener.onEnd);
  socket.on('close', () => {
    listener.onEnd(new TurnFailure('closed'));
  });
  try {
    await once(socket, isTls ? 'secureConnect' : 'connect', { signal });
  } catch (error) {
    socket.destroy();
    throw error;
  }
  deliver(socket, listener);
  return {
    isReliable: true,
    send: (message) => socket.write(message),
    close: () => socket.destroy(),
  };
}

function tlsSocket({ address, port, host, verifies }: Endpoint): Socket {
  // An IP address must not stand in the server name extension (RFC 6066 section 3); the certificate is checked for it all the same.
  const name = isIP(host) === 0 ? { servername: host } : {};
  return connectTls({ host: address, port, ...name, rejectUnauthorized: verifies });
}

function deliver(socket: Socket, { onMessage, onEnd }: CarrierListener): void {
  const frames = new StunFrames();
  socket.on('data', (data: Buffer) => {
    try {
      for (const message of frames.push(data)) onMessage(message);
    } catch (error) {
      socket.destroy();
      onEnd(error);
    }
  });
}

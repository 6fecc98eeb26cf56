import { createSocket } from 'node:dgram';
import { createServer, type AddressInfo } from 'node:net';

/**
 * Loopback ports that were free for UDP and TCP a moment ago. Below the ephemeral range, so that no client takes one
 * meanwhile, and below the relay ranges.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = anyPort(10_000, 20_000);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

/** The first port of a range for coturn's relays, where no server of a test listens. */
export function relayRange(size: number): { minPort: number; maxPort: number } {
  const minPort = anyPort(20_000, 32_000 - size);
  return { minPort, maxPort: minPort + size };
}

function anyPort(from: number, below: number): number {
  return from + Math.floor(Math.random() * (below - from));
}

async function isFree(port: number): Promise<boolean> {
  return (await tcpIsFree(port)) && (await udpIsFree(port));
}

function tcpIsFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () =>
      server.close(() => {
        resolve((server.address() as AddressInfo | null) === null);
      }),
    );
  });
}

function udpIsFree(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  return new Promise((resolve) => {
    socket.once('error', () => {
      socket.close();
      resolve(false);
    });
    socket.bind(port, '127.0.0.1', () =>
      socket.close(() => {
        resolve(true);
      }),
    );
  });
}

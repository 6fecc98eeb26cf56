import { createSocket } from 'node:dgram';
import { createServer, type AddressInfo } from 'node:net';

const FIRST_PORT = 10_000;
const FIRST_RELAY_PORT = 20_000;
const FIRST_EPHEMERAL_PORT = 32_000;
/** jest's workers, and programs that they start, take theirs from ranges apart: nobody takes one between look and use. */
const RANGES = 4;
const RANGE_PORTS = (FIRST_RELAY_PORT - FIRST_PORT) / RANGES;
const RANGE_START = FIRST_PORT + (Number(process.env['JEST_WORKER_ID'] ?? 0) % RANGES) * RANGE_PORTS;

/** None is given twice in one test file: the first may not be in use yet. */
const given = new Set<number>();

/**
 * Loopback ports that were free for UDP and TCP a moment ago. Below the ephemeral range, so that no client takes one
 * meanwhile, and below the relay ranges.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = anyPort(RANGE_START, RANGE_START + RANGE_PORTS);
    if (given.has(port)) continue;
    given.add(port);
    if (await isFree(port)) ports.push(port);
  }
  return ports;
}

/** The first port of a range for coturn's relays, where no server of a test listens. */
export function relayRange(size: number): { minPort: number; maxPort: number } {
  const minPort = anyPort(FIRST_RELAY_PORT, FIRST_EPHEMERAL_PORT - size);
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

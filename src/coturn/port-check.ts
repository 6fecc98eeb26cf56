import { createSocket } from 'node:dgram';
import { createServer, isIPv6 } from 'node:net';
import { systemCode, UserError } from '../lib/errors';
import type { Listener } from './listeners';
import { holderOf } from './port-holder';

/** Opens and closes each of these sockets; throws a UserError that names the first that can't be opened, and why. */
export async function assertListenable(listeners: readonly Listener[]): Promise<void> {
  for (const listener of listeners) {
    try {
      await (listener.protocol === 'udp' ? tryUdp(listener) : tryTcp(listener));
    } catch (error) {
      throw explain(listener, error);
    }
  }
}

function tryUdp({ host, port }: Listener): Promise<void> {
  const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4', ipv6Only: isIPv6(host) });
  return new Promise((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close();
      reject(error);
    });
    socket.bind({ address: host, port, exclusive: true }, () => {
      socket.close(resolve);
    });
  });
}

function tryTcp({ host, port }: Listener): Promise<void> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, exclusive: true, ipv6Only: isIPv6(host) }, () => {
      server.close(() => {
        resolve();
      });
    });
  });
}

function explain({ protocol, host, port, key }: Listener, error: unknown): unknown {
  const place = `${protocol.toUpperCase()} port ${port} on ${host}`;
  switch (systemCode(error)) {
    case 'EADDRINUSE':
      return new UserError(
        'conflict',
        `${place} is already in use${byWhom(protocol, port)}: stop that program, or set another ${key}.`,
      );
    case 'EADDRNOTAVAIL':
      return new UserError(
        'bad_config',
        `${host} is not an address of this machine: correct coturn.listeningIp or coturn.relayIp.`,
      );
    case 'EACCES':
      return new UserError(
        'bad_config',
        `${place} may not be opened by this user: run as root, or set ${key} above 1023.`,
      );
    default:
      return error;
  }
}

function byWhom(protocol: 'udp' | 'tcp', port: number): string {
  const holder = holderOf(protocol, port);
  return holder ? ` by ${JSON.stringify(holder.command)} (pid ${holder.pid})` : '';
}

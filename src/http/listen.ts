import type { Server } from 'node:net';
import { formatListenAddress, type ListenAddress } from '../config/units';
import { messageOf, systemCode, UserError, type ErrorCode } from '../lib/errors';

/** Resolves when the server accepts connections; rejects with a sentence for the operator. */
export function listen(server: Server, { host, port }: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error): void => {
      reject(listenError(error, { host, port }));
    };
    server.once('error', onError);
    // With no host Node.js takes :: and, where the machine has no IPv6, 0.0.0.0.
    server.listen(host === '::' ? { port } : { host, port }, () => {
      server.off('error', onError);
      resolve();
    });
  });
}

const CHOOSE = 'choose another one with --web.listen-address';

function listenError(error: Error, address: ListenAddress): UserError {
  const [code, reason] = reasonOf(error, address.port);
  return new UserError(code, `Can't listen on ${formatListenAddress(address)}: ${reason}.`, { cause: error });
}

function reasonOf(error: Error, port: number): [ErrorCode, string] {
  switch (systemCode(error)) {
    case 'EADDRINUSE':
      return ['conflict', `another program listens there; stop it or ${CHOOSE}`];
    case 'EACCES':
      return ['forbidden', `port ${port} needs more rights than this user has; ${CHOOSE}`];
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
      return ['bad_config', `this machine does not have that address; ${CHOOSE}`];
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return ['bad_config', `no such name is known here; ${CHOOSE}`];
    default:
      return ['internal', messageOf(error)];
  }
}

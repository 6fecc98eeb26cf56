import { createServer, type Server, type Socket } from 'node:net';
import type { ListenAddress } from '../../config/units';
import { systemCode, UserError } from '../../lib/errors';
import type { Logger } from '../../lib/logger';
import type { Service } from '../../lib/services';
import { StatsdbConnection, type ConnectionContext } from './connection';

const MAX_CONNECTIONS = 1024;
/** Of them, those that have not said the password. */
const MAX_STRANGERS = 64;
/** A machine that is gone is noticed, though coturn may have nothing to say for long. */
const KEEP_ALIVE_MS = 30_000;

/** Listens as if it were Redis, for the `redis-statsdb` of one coturn or several. */
export class StatsdbServer implements Service {
  readonly name = 'statsdb';
  private readonly server: Server;
  private readonly connections = new Set<StatsdbConnection>();

  constructor(
    private readonly listen: ListenAddress,
    private readonly context: ConnectionContext,
    private readonly logger: Logger,
  ) {
    this.server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS }, (socket) => {
      this.accept(socket);
    });
  }

  /** Throws a UserError where the address cannot be had. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.server.once('error', (failure) => {
        reject(this.cannotListen(failure));
      });
      this.server.listen(this.listen, () => {
        this.server.removeAllListeners('error');
        this.server.on('error', (failure) => {
          this.logger.error({ err: failure }, 'the statsdb endpoint had an error');
        });
        resolve();
      });
    });
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => {
        resolve();
      });
      for (const connection of this.connections) connection.close();
    });
  }

  /** Where it listens, once started; the port is the one given by the system where 0 was asked for. */
  address(): ListenAddress {
    const address = this.server.address();
    return typeof address === 'object' && address ? { host: address.address, port: address.port } : this.listen;
  }

  /** How many clients are connected that said the password. */
  get clients(): number {
    let count = 0;
    for (const connection of this.connections) if (connection.isAuthenticated) count++;
    return count;
  }

  /** Closes the connections that have nothing to say; to be called about every second. */
  advance(now: number): void {
    for (const connection of this.connections) connection.review(now);
  }

  private accept(socket: Socket): void {
    const connection = new StatsdbConnection(socket, peerAddress(socket), this.context);
    const gone = (): void => {
      this.connections.delete(connection);
      connection.left();
    };
    socket.on('error', (failure) => {
      this.logger.debug({ err: failure }, 'a connection to the statsdb endpoint broke');
    });
    socket.on('end', gone);
    socket.on('close', gone);
    socket.on('data', (chunk) => {
      if (!connection.closed) connection.receive(chunk);
    });
    this.connections.add(connection);
    if (this.isCrowded()) connection.refuse('too_many_connections', 'ERR max number of clients reached');
  }

  private isCrowded(): boolean {
    const { size } = this.connections;
    return size > MAX_CONNECTIONS || size - this.clients > MAX_STRANGERS;
  }

  private cannotListen(failure: Error): UserError {
    const where = `${this.listen.host}:${this.listen.port}`;
    const why = systemCode(failure) === 'EADDRINUSE' ? 'another program listens there' : failure.message;
    return new UserError(
      'bad_config',
      `The statsdb endpoint cannot listen on ${where}: ${why}. Set sources.statsdb.listenAddress to a free address.`,
      { cause: failure },
    );
  }
}

/** An IPv4 client of a server that listens on `::` has its address mapped (RFC 4291 section 2.5.5.2). */
function peerAddress(socket: Socket): string {
  return (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
}

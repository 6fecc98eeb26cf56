import type { Socket } from 'node:net';
import { createClient, type Client } from 'node-zookeeper-client';

/** What node-zookeeper-client 1.1.3 keeps to itself, and what its faults are mended with. */
interface Manager {
  socket?: Socket;
  connectTimeoutHandler?: NodeJS.Timeout;
  pendingBuffer: Buffer | null;
  readonly packetQueue: { shift(): unknown };
  readonly watcherManager: object;
  connect(): void;
  onSocketConnected(): void;
  onSocketData(data: Buffer): void;
  onSocketClosed(hasError: boolean): void;
}

/** The longest answer that is read: ten thousand names of 128 characters are 1.3 MB. */
const MAX_ANSWER_BYTES = 8_388_608;

/** A client of one session, that can be let go of. */
export interface MendedClient {
  readonly client: Client;
  /** The connection that it makes or has. */
  readonly socket: () => Socket | undefined;
  /** Breaks the connection; the client makes another one, in the same session. */
  readonly hangUp: () => void;
  /** Nothing is left of it afterwards. The session lives on in ZooKeeper, until it expires. */
  abandon(): void;
}

/**
 * A client of node-zookeeper-client without these faults of its (1.1.3, lib/ConnectionManager.js):
 * - Half an answer, left from a broken connection, is taken for the beginning of the next one's.
 * - Requests that were not sent yet are sent on the next connection, before its authentication.
 * - Watches are set again in one request, which a server refuses beyond 1 MB, and closes the connection, for ever.
 *   Here they end with the connection: who watches reads again anyway.
 * - An answer that can't be parsed throws into the socket's event, and ends the process.
 * - `close()` without a connection throws, or leaves a client that goes on connecting for ever.
 * It notices nothing of a server that has gone silent either: see ZookeeperSession.
 */
export function createMendedClient(
  servers: string,
  sessionTimeoutMs: number,
  onNonsense: (error: unknown) => void,
): MendedClient {
  const client = createClient(servers, { sessionTimeout: sessionTimeoutMs, spinDelay: 1000, retries: 0 });
  const manager = (client as unknown as { readonly connectionManager: Manager }).connectionManager;
  const hangUp = (): void => {
    clearTimeout(manager.connectTimeoutHandler);
    manager.socket?.destroy();
  };
  mendReading(manager, (error) => {
    onNonsense(error);
    hangUp();
  });
  mendClosing(manager);
  return {
    client,
    socket: () => manager.socket,
    hangUp,
    abandon: () => {
      client.removeAllListeners();
      // A connection may be due yet: it is looked up then what becomes of it.
      const nothing = (): void => undefined;
      Object.assign(manager, { connect: nothing, onSocketData: nothing, onSocketClosed: nothing });
      manager.onSocketConnected = hangUp;
      hangUp();
    },
  };
}

function mendReading(manager: Manager, onNonsense: (error: unknown) => void): void {
  const read = manager.onSocketData.bind(manager);
  manager.onSocketData = (data) => {
    try {
      if ((manager.pendingBuffer?.length ?? 0) > MAX_ANSWER_BYTES) throw new Error('its answer is too long');
      read(data);
    } catch (error) {
      onNonsense(error);
    }
  };
}

function mendClosing(manager: Manager): void {
  const closed = manager.onSocketClosed.bind(manager);
  manager.onSocketClosed = (hasError) => {
    manager.pendingBuffer = null;
    while (manager.packetQueue.shift() !== undefined);
    Object.assign(manager.watcherManager, { dataWatchers: {}, childWatchers: {}, existenceWatchers: {} });
    closed(hasError);
  };
}

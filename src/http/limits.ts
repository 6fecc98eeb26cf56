import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** What one client may cost; times in milliseconds. */
export interface ServerLimits {
  /** Request line and headers together. */
  readonly headerBytes: number;
  readonly headersTimeoutMs: number;
  /** Headers and body. */
  readonly requestTimeoutMs: number;
  /** How often the two are checked. */
  readonly checkEveryMs: number;
  /** Above Prometheus' usual scrape interval, so that its connection stays. */
  readonly keepAliveTimeoutMs: number;
  /** A socket on which nothing moves is cut off: also a client that does not read its answer. */
  readonly stallTimeoutMs: number;
  readonly handshakeTimeoutMs: number;
  readonly connections: number;
  /** How long a stop waits for requests under way. */
  readonly stopDeadlineMs: number;
}

export const DEFAULT_LIMITS: ServerLimits = {
  headerBytes: 16 * 1024,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  checkEveryMs: 5_000,
  keepAliveTimeoutMs: 65_000,
  stallTimeoutMs: 30_000,
  handshakeTimeoutMs: 10_000,
  connections: 512,
  stopDeadlineMs: 3_000,
};

/** The part of the limits that Node.js wants at construction. */
export function serverOptions(limits: ServerLimits) {
  return {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    connectionsCheckingInterval: limits.checkEveryMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    handshakeTimeout: limits.handshakeTimeoutMs,
  };
}

export function applyLimits(server: Server, limits: ServerLimits): void {
  server.maxConnections = limits.connections;
  server.setTimeout(limits.stallTimeoutMs);
}

/**
 * For an answer that may be silent for long, because what it waits for is: the client is cut off only while it leaves
 * something unread, not for the silence. The next request on the connection stands under the usual limit again.
 */
export function cutOffOnlyUnread(response: ServerResponse): void {
  response.on('timeout', (socket: Socket) => {
    if (response.writableLength > 0) socket.destroy();
    else socket.setTimeout(socket.timeout ?? 0);
  });
}

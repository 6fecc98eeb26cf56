import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Clock } from '../lib/clock';
import {
  bindingRequest,
  decodeStunMessage,
  encodeStunMessage,
  softwareOf,
  TRANSACTION_ID_BYTES,
} from '../turn/stun-message';

export interface StunEndpoint {
  /** An IP address. */
  readonly host: string;
  readonly port: number;
}

export interface BindingAnswer {
  /** What the server calls itself, hostile text; undefined when it does not say. */
  readonly software: string | undefined;
}

/** RFC 8489 section 6.2.1 doubles the pause between two tries; it starts lower here, since the server is on this machine. */
const FIRST_RETRY_MS = 100;

/**
 * Asks a STUN server for a Binding. Any response to this request counts, an error too (`secure-stun`); undefined when
 * none came in time, or when the machine says that nobody listens there.
 */
export async function checkBinding(
  server: StunEndpoint,
  clock: Clock,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<BindingAnswer | undefined> {
  const socket = createSocket(isIPv6(server.host) ? 'udp6' : 'udp4');
  const over = new AbortController();
  const ended = signal ? AbortSignal.any([signal, over.signal]) : over.signal;
  try {
    const transactionId = randomBytes(TRANSACTION_ID_BYTES);
    const answer = answerTo(transactionId, socket);
    socket.connect(server.port, server.host, () => {
      void keepAsking(socket, encodeStunMessage(bindingRequest(transactionId)), clock, ended);
    });
    return await Promise.race([answer, pause(clock, timeoutMs, ended)]);
  } finally {
    over.abort();
    socket.close();
  }
}

function answerTo(transactionId: Buffer, socket: Socket): Promise<BindingAnswer | undefined> {
  return new Promise((resolve) => {
    socket.on('error', () => {
      resolve(undefined);
    });
    socket.on('message', (bytes) => {
      const message = decodeStunMessage(bytes);
      if (!message || !transactionId.equals(message.transactionId)) return;
      if (message.class === 'success' || message.class === 'error') resolve({ software: softwareOf(message) });
    });
  });
}

async function keepAsking(socket: Socket, request: Buffer, clock: Clock, ended: AbortSignal): Promise<void> {
  for (let wait = FIRST_RETRY_MS; !ended.aborted; wait *= 2) {
    socket.send(request, () => undefined);
    await pause(clock, wait, ended);
  }
}

/** Ends at the time or at the signal, whichever comes first. */
function pause(clock: Clock, ms: number, ended: AbortSignal): Promise<undefined> {
  return clock.sleep(ms, ended).then(
    () => undefined,
    () => undefined,
  );
}

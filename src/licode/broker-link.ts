import type { Channel, ChannelModel } from 'amqplib';
import type { Clock } from '../lib/clock';
import { messageOf } from '../lib/errors';
import { RpcClient } from './rpc-client';
import type { Rejections } from './rejections';
import { withinTime } from './waiting';
import { EXCHANGE } from './wire';

/** A connection to RabbitMQ with a queue of its own for answers, which RabbitMQ deletes with the connection. */
export interface BrokerLink {
  readonly rpc: RpcClient;
  /** Aborts when the connection is lost; its reason is the cause. */
  readonly lost: AbortSignal;
  /** Resolves when the connection is no more. */
  close(): Promise<void>;
}

export interface BrokerOptions {
  /** amqp: or amqps:, with user and password. */
  readonly url: string;
  readonly clock: Clock;
  readonly rejections: Rejections;
  /** Aborts: the attempt to connect ends. What is connected is ended by `close`. */
  readonly signal: AbortSignal;
}

const CONNECT_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 1_000;
/** Unless the URL says another: without it, a broker whose machine is gone is noticed after many minutes. */
const HEARTBEAT_SECONDS = '10';

/** Rejects when RabbitMQ can't be reached, refuses the user, or has no licode on it yet. */
export async function connectBroker({ url, clock, rejections, signal }: BrokerOptions): Promise<BrokerLink> {
  const { connect } = await import('amqplib');
  // Node.js' sockets take a signal that destroys them, which amqplib hands on.
  const socket = new AbortController();
  const abort = (): void => {
    socket.abort(signal.reason);
  };
  signal.addEventListener('abort', abort, { once: true });
  try {
    signal.throwIfAborted();
    const options = { signal: socket.signal, timeout: CONNECT_TIMEOUT_MS, noDelay: true, clientProperties: NAMED };
    const connection = await connect(withHeartbeat(url), options);
    return await openLink(connection, socket, clock, rejections);
  } catch (error) {
    socket.abort(error);
    throw explained(error);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** amqplib 2.3.1 keeps to itself why RabbitMQ closes a connection that asks for a virtual host. */
function explained(error: unknown): unknown {
  if (!messageOf(error).startsWith('Expected ConnectionOpenOk')) return error;
  const why =
    'RabbitMQ has not the virtual host that licode.amqp names (/ unless one is named), or refuses it to the user';
  return new Error(why, { cause: error });
}

/** What RabbitMQ's own tools show. */
const NAMED = { connection_name: 'turnkeeper' };

async function openLink(
  connection: ChannelModel,
  socket: AbortController,
  clock: Clock,
  rejections: Rejections,
): Promise<BrokerLink> {
  const lost = new AbortController();
  const lose = (error?: Error): void => {
    lost.abort(error ?? new Error('RabbitMQ closed the connection'));
  };
  connection.on('error', lose).on('close', lose);
  const close = async (): Promise<void> => {
    await withinTime(connection.close(), CLOSE_TIMEOUT_MS, clock);
    socket.abort();
  };
  try {
    const channel = await connection.createChannel();
    channel.on('error', lose).on('close', lose);
    const rpc = await openRpc(channel, clock, rejections, lose);
    lost.signal.addEventListener('abort', () => {
      rpc.giveUp();
    });
    return { rpc, lost: lost.signal, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openRpc(
  channel: Channel,
  clock: Clock,
  rejections: Rejections,
  lose: (error: Error) => void,
): Promise<RpcClient> {
  // Only looked for: whoever declares it says how it is, and a licode that starts later must find it as it wants it.
  await channel.checkExchange(EXCHANGE);
  const { queue } = await channel.assertQueue('', { exclusive: true, autoDelete: true, durable: false });
  await channel.bindQueue(queue, EXCHANGE, queue);
  const publish = (to: string, body: Buffer, correlationId: string, expiration: number): void => {
    const options = { contentType: 'application/json', mandatory: true, persistent: false, correlationId, expiration };
    channel.publish(EXCHANGE, to, body, options);
  };
  const rpc = new RpcClient(publish, queue, clock, rejections);
  channel.on('return', ({ properties }) => {
    rpc.returned(String(properties.correlationId));
  });
  const take = (message: { content: Buffer } | null): void => {
    if (message) rpc.accept(message.content);
    else lose(new Error('somebody deleted the queue for answers'));
  };
  await channel.consume(queue, take, { noAck: true, exclusive: true });
  return rpc;
}

function withHeartbeat(url: string): string {
  const parsed = new URL(url);
  if (!parsed.searchParams.has('heartbeat')) parsed.searchParams.set('heartbeat', HEARTBEAT_SECONDS);
  return parsed.href;
}

/**
 * How licode's components talk over RabbitMQ. The facts, from lynckia/licode at 1a5c714 and, the same there,
 * QuanjieDeng/mediasoup-signal at 88b6aa8:
 * - `erizo_controller/common/amqper.js`, `nuve/nuveAPI/rpc/rpc.js`: one exchange, `rpcExchange` (direct; by the defaults of
 *   node-amqp 0.2.7 not durable, deleted with its last binding). A component's queue is bound under its name, as is the
 *   caller's for the answers. A call is `{method, args, corrID, replyTo}`, an answer `{data, corrID, type: 'callback'}`.
 *   The caller waits 5 s (mediasoup-signal: 10 s); what failed is answered by the texts `timeout` and `error`, or not at all.
 * - node-amqp 0.2.7 `lib/queue.js`: a body is read as JSON only where its content type says so; nothing is acknowledged.
 * - `nuve/nuveAPI/rpc/rpcPublic.js`: `nuve` answers `getErizoControllers` with rows of MongoDB, `_id` among them; a
 *   controller's name is `erizoController_<_id>` (`erizoController.js`).
 */
export const EXCHANGE = 'rpcExchange';
export const NUVE = 'nuve';

/** A method to call of the component of that name. */
export interface Call {
  readonly to: string;
  readonly method: string;
  readonly args: readonly unknown[];
}

export interface Answer {
  readonly corrId: string;
  readonly data: unknown;
}

/** The answer of a performance question is 5 kB, the list of a thousand agents 300 kB. */
const MAX_BYTES = 1 << 20;

export type AnswerMistake = 'oversized' | 'malformed';

export function encodeCall({ method, args }: Call, corrId: string, replyTo: string): Buffer {
  return Buffer.from(JSON.stringify({ method, args, corrID: corrId, replyTo }));
}

/** Anybody who may write to the exchange can send anything. */
export function parseAnswer(body: Buffer): Answer | AnswerMistake {
  if (body.length > MAX_BYTES) return 'oversized';
  const value = parseJson(body.toString());
  if (typeof value !== 'object' || value === null) return 'malformed';
  const { type, corrID, data } = value as Record<string, unknown>;
  return type === 'callback' && typeof corrID === 'string' ? { corrId: corrID, data } : 'malformed';
}

/** undefined for a text that is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // whose text it is is known, and that it was bad is counted
  }
}

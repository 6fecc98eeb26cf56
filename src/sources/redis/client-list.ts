/** What CLIENT LIST tells that matters here: who publishes, and how far subscribers are behind. */
export interface RedisClients {
  /** Connections whose last command was PUBLISH: coturn's relay threads, as a rule one each. */
  readonly publishers: number;
  /** Subscribers of patterns or channels. */
  readonly subscribers: number;
  /** The largest output buffer of a subscriber, bytes: Redis cuts it off at `client-output-buffer-limit pubsub`. */
  readonly largestBufferBytes: number;
}

/** Reads CLIENT LIST (https://redis.io/docs/latest/commands/client-list/): a line a client, `name=value` words. */
export function readClientList(text: string): RedisClients {
  let [publishers, subscribers, largestBufferBytes] = [0, 0, 0];
  for (const line of text.split('\n')) {
    if (!line.startsWith('id=')) continue;
    if (/ cmd=publish(?: |$)/.test(line)) publishers++;
    if (numberIn(line, 'psub') + numberIn(line, 'sub') === 0) continue;
    subscribers++;
    largestBufferBytes = Math.max(largestBufferBytes, numberIn(line, 'omem') + numberIn(line, 'obl'));
  }
  return { publishers, subscribers, largestBufferBytes };
}

function numberIn(line: string, name: string): number {
  return Number(new RegExp(` ${name}=(\\d{1,15})(?: |$)`).exec(line)?.[1] ?? 0);
}

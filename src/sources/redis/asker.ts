import { once } from 'node:events';
import type { Redis } from 'ioredis';
import type { RedisTarget } from './target';

const CONNECT_MS = 5_000;
const ANSWER_MS = 5_000;
const MAX_RETRY_MS = 5_000;
const DISCONNECT_MS = 100;
const KEYS_A_SCAN = 1000;
const STATUS_KEYS = 'turn/*/allocation/*/status';

/** Asks a Redis, beside the subscription. What can't be asked rejects; a connection that breaks is made again. */
export class RedisAsker {
  private constructor(private readonly client: Redis) {}

  /** ioredis is loaded here: only agents that read a Redis need it. */
  static async create(target: RedisTarget): Promise<RedisAsker> {
    const { Redis: Client } = await import('ioredis');
    const { host, port, username, password, database, tls } = target;
    const client = new Client({
      ...{ host, port, db: database, protocol: 2, lazyConnect: true, enableOfflineQueue: false },
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
      ...(tls && { tls }),
      ...{ connectionName: 'turnkeeper', disableClientInfo: true },
      ...{ connectTimeout: CONNECT_MS, commandTimeout: ANSWER_MS, maxRetriesPerRequest: 0 },
      // Readiness is asked by INFO, which an ACL may refuse.
      enableReadyCheck: false,
      // It keeps the process for so long after the end, 2 s unless told otherwise.
      disconnectTimeout: DISCONNECT_MS,
      retryStrategy: (times) => Math.min(times * 200, MAX_RETRY_MS),
    });
    // Whoever asks gets an error of their own.
    client.on('error', () => undefined);
    return new RedisAsker(client);
  }

  /** Connects in the background, and again whenever the connection breaks. */
  start(): void {
    this.client.connect().catch(() => undefined);
  }

  stop(): void {
    this.client.disconnect();
  }

  /** Resolves when it can be asked. Rejects with the signal's reason when that aborts. */
  async ready(signal: AbortSignal): Promise<void> {
    if (this.client.status !== 'ready') await once(this.client, 'ready', { signal });
  }

  /** The status keys of the database, in pages; each that is there all the while comes at least once. */
  async *statusKeys(): AsyncGenerator<string[]> {
    let cursor = '0';
    do {
      const [next, keys] = await this.client.scan(cursor, 'MATCH', STATUS_KEYS, 'COUNT', KEYS_A_SCAN);
      cursor = next;
      if (keys.length > 0) yield keys;
    } while (cursor !== '0');
  }

  /** Seconds since each key was last written, or read; undefined where Redis doesn't tell (another eviction policy, an ACL). */
  async idleSeconds(keys: readonly string[]): Promise<(number | undefined)[]> {
    const pipeline = this.client.pipeline();
    for (const key of keys) pipeline.object('IDLETIME', key);
    const answers = (await pipeline.exec()) ?? [];
    return keys.map((_, i) => {
      const [error, idle] = answers[i] ?? [];
      return error === null && typeof idle === 'number' ? idle : undefined;
    });
  }

  /** Whether each key is there; looking does not make it younger. */
  async exist(keys: readonly string[]): Promise<(boolean | undefined)[]> {
    const found: (boolean | undefined)[] = [];
    for (let from = 0; from < keys.length; from += KEYS_A_SCAN) {
      const pipeline = this.client.pipeline();
      for (const key of keys.slice(from, from + KEYS_A_SCAN)) pipeline.exists(key);
      const answers = (await pipeline.exec()) ?? [];
      found.push(...answers.map(([error, count]) => (error === null ? count === 1 : undefined)));
    }
    return found;
  }

  async values(keys: readonly string[]): Promise<(string | null)[]> {
    return keys.length === 0 ? [] : this.client.mget(...keys);
  }

  /** INFO's text; `all` has what is left out unless asked for, such as how often each command was called. */
  info(section: 'default' | 'all' = 'default'): Promise<string> {
    return this.client.info(section);
  }

  /** CLIENT LIST's text: a line each. */
  async clients(): Promise<string> {
    return String(await this.client.client('LIST'));
  }

  async ping(): Promise<void> {
    await this.client.ping();
  }
}

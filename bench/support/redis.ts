import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis as Client } from 'ioredis';
import { freePorts } from '../../test/support/free-ports';
import { PASSWORD } from './password';
import type { Stage } from './stage';

const RETRY_MS = 20;
const MAX_RETRIES = 500;

export interface RedisOptions {
  /** When it cuts off a subscriber that is behind: never, or as it does unless told otherwise. */
  readonly limits?: 'none' | 'default';
}

/** A redis-server that keeps nothing on disk. */
export class Redis {
  private constructor(
    readonly pid: number,
    readonly port: number,
    private readonly client: Client,
  ) {}

  static async start(stage: Stage, { limits = 'none' }: RedisOptions = {}): Promise<Redis> {
    const [port = 0] = await freePorts(1);
    const child = spawn('redis-server', ['-'], { stdio: ['pipe', 'ignore', 'inherit'] });
    child.stdin.end(configuration(port, limits));
    const client = new Client({
      host: '127.0.0.1',
      port,
      password: PASSWORD,
      retryStrategy: () => RETRY_MS,
      maxRetriesPerRequest: MAX_RETRIES,
    });
    // Until it listens.
    client.on('error', () => undefined);
    stage.defer(async () => {
      client.disconnect();
      const gone = once(child, 'exit');
      if (child.kill()) await gone;
    });
    await client.ping();
    return new Redis(child.pid ?? 0, port, client);
  }

  get url(): string {
    return `redis://:${PASSWORD}@127.0.0.1:${this.port}`;
  }

  /** Resolves when somebody is subscribed to a pattern. */
  async awaitSubscriber(): Promise<void> {
    while (!/^pubsub_patterns:[1-9]/m.test(await this.client.info('stats'))) await sleep(RETRY_MS);
  }

  /** Resolves when nothing is left in its output buffers. */
  async awaitDelivery(): Promise<void> {
    while (/ omem=[1-9]/.test(String(await this.client.client('LIST')))) await sleep(1);
  }

  /** Throws unless it has done as many commands. */
  async expectCommands(commands: number): Promise<void> {
    const done = Number(/^total_commands_processed:(\d+)/m.exec(await this.client.info('stats'))?.[1]);
    if (!(done >= commands)) throw new Error(`of ${commands} commands redis-server did ${done}`);
  }
}

function configuration(port: number, limits: 'none' | 'default'): string {
  return [
    `port ${port}`,
    'bind 127.0.0.1',
    `requirepass ${PASSWORD}`,
    'save ""',
    'appendonly no',
    ...(limits === 'none' ? ['client-output-buffer-limit pubsub 0 0 0'] : []),
  ].join('\n');
}

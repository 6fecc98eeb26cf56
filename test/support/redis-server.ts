import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { Redis } from 'ioredis';
import { resp } from './captures';
import { temporaryDirectory } from './coturn';
import { eventually } from './eventually';
import { freePorts } from './free-ports';

/** A real redis-server on a free loopback port; it may be killed and started again. It keeps nothing on disk. */
export class RedisServer {
  /** For questions and orders of the test; over the plain port. */
  readonly cli: Redis;
  private child: ChildProcess | undefined;
  private readonly folder = temporaryDirectory();

  private constructor(
    readonly port: number,
    private readonly settings: readonly string[],
    /** Known to Redis' `default`. */
    readonly password: string,
  ) {
    const retryStrategy = (): number => 20;
    this.cli = new Redis({
      host: '127.0.0.1',
      port,
      password,
      retryStrategy,
      maxRetriesPerRequest: null,
      disconnectTimeout: 10,
    });
    this.cli.on('error', () => undefined);
  }

  /** `settings`: further lines of redis.conf. */
  static async start(settings: readonly string[] = [], password = 'password-of-the-tests'): Promise<RedisServer> {
    const [port = 0] = await freePorts(1);
    const server = new RedisServer(port, settings, password);
    await server.startAgain();
    return server;
  }

  get url(): string {
    return `redis://:${this.password}@127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.child?.pid ?? 0;
  }

  async startAgain(): Promise<void> {
    const { password, port, folder } = this;
    const own = [`port ${port}`, 'bind 127.0.0.1', `requirepass ${password}`, `masterauth ${password}`, 'save ""'];
    const child = spawn('redis-server', ['-'], { cwd: folder.path, stdio: ['pipe', 'ignore', 'ignore'] });
    child.stdin.end([...own, `dir ${folder.path}`, ...this.settings].join('\n'));
    this.child = child;
    await this.cli.ping();
  }

  async kill(): Promise<void> {
    const { child } = this;
    if (!child) return;
    this.child = undefined;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  /** Sends commands as coturn does: all at once, on a connection of their own. Resolves when they are done. */
  async pipeline(commands: readonly (readonly string[])[]): Promise<void> {
    const socket = connect({ host: '127.0.0.1', port: this.port });
    socket.resume();
    socket.end(Buffer.concat([['auth', this.password], ...commands].map((words) => resp(...words))));
    await once(socket, 'close');
  }

  /** `7.0.15` */
  async version(): Promise<string> {
    return /redis_version:(\S+)/.exec(await this.cli.info('server'))?.[1] ?? '';
  }

  /** Whether somebody is subscribed to coturn's messages. */
  async isSubscribed(): Promise<boolean> {
    return /psub=1/.test(String(await this.cli.client('LIST')));
  }

  async awaitSubscriber(): Promise<void> {
    await eventually('somebody is subscribed', () => this.isSubscribed());
  }

  async remove(): Promise<void> {
    this.cli.disconnect();
    await this.kill();
    this.folder.remove();
  }
}

import { ACL, Id, Permission } from 'node-zookeeper-client';
import type { Clock } from '../lib/clock';
import type { Logger } from '../lib/logger';
import type { Service } from '../lib/services';
import { noTracer, type Tracer } from '../lib/tracer';
import { createMendedClient, type MendedClient } from './zookeeper-client';
import { tracedConnection } from './traced-connection';
import { ZookeeperConnection } from './zookeeper-connection';

export interface ZookeeperSessionOptions {
  /** `host:2181,host2:2181`, without a chroot. */
  readonly servers: string;
  /** What the ensemble is asked for; it decides. */
  readonly timeoutMs: number;
  /** `user:password` of the digest scheme. */
  readonly auth: string | undefined;
  readonly tracer?: Tracer | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How long a stop waits for ZooKeeper to confirm the end of the session. */
const CLOSE_MS = 2000;

/**
 * A session with ZooKeeper, and another one whenever it has expired. A server that is away or has gone silent is left for
 * another one within two thirds of the session's timeout, as ZooKeeper's own clients do: the session goes on.
 */
export class ZookeeperSession implements Service {
  readonly name = 'zookeeper session';
  /** While there is one. */
  connection: ZookeeperConnection | undefined;
  /** How many sessions ended because ZooKeeper had not heard of them. */
  expired = 0;
  /** When ZooKeeper answered last, by `Clock.monotonic()`. */
  lastHeardAt: number | undefined;
  private readonly listeners: ((connection: ZookeeperConnection) => void)[] = [];
  private mended: MendedClient | undefined;
  private ended = new AbortController();
  /** Of the last beat, that has got no answer yet: a connection, or the socket that was to become one. */
  private unanswered: object | undefined;
  private isAway = false;

  constructor(private readonly options: ZookeeperSessionOptions) {}

  /** Whoever is told of each new connection; its `signal` tells its end. */
  onConnection(listener: (connection: ZookeeperConnection) => void): void {
    this.listeners.push(listener);
  }

  /** Waits for no server. */
  start(): Promise<void> {
    this.ended = new AbortController();
    this.open();
    void this.beat(this.ended.signal);
    return Promise.resolve();
  }

  /** Ephemeral nodes are gone with it, where ZooKeeper can be reached. */
  async stop(): Promise<void> {
    this.ended.abort();
    const { mended, connection } = this;
    if (!mended) return;
    if (connection) await this.close(mended, connection);
    this.forget();
  }

  /** Who may do what with the nodes that are made; `readers` beside those who know `auth`. */
  acl(readers: 'everybody' | 'agents' = 'everybody'): ACL[] {
    const everybody = (permission: number): ACL => new ACL(permission, new Id('world', 'anyone'));
    if (this.options.auth === undefined) return [everybody(Permission.ALL)];
    // `auth`: whoever this connection has authenticated as.
    const agents = new ACL(Permission.ALL, new Id('auth', ''));
    return readers === 'agents' ? [agents] : [agents, everybody(Permission.READ)];
  }

  private open(): void {
    if (this.ended.signal.aborted) return;
    const { servers, timeoutMs, auth, logger } = this.options;
    const mended = createMendedClient(servers, timeoutMs, (error) => {
      logger.warn({ err: error }, 'ZooKeeper said something that makes no sense');
    });
    this.mended = mended;
    const { client } = mended;
    if (auth !== undefined) client.addAuthInfo('digest', Buffer.from(auth));
    client.on('connected', () => {
      this.connected(mended);
    });
    client.on('disconnected', () => {
      this.disconnected();
    });
    client.on('expired', () => {
      this.expired++;
      logger.warn('the ZooKeeper session had expired: the relay was not in the registry for a while');
      this.forget();
      this.open();
    });
    client.on('authenticationFailed', () => {
      logger.error('ZooKeeper refuses registry.auth: check it');
      this.forget();
    });
    client.connect();
  }

  private connected(mended: MendedClient): void {
    const { tracer = noTracer, clock, logger } = this.options;
    const { client } = mended;
    const server = mended.socket()?.remoteAddress;
    const connection = new ZookeeperConnection(client, client.getSessionId().toString('hex'), mended.hangUp);
    this.connection = tracedConnection(connection, tracer);
    this.lastHeardAt = clock.monotonic();
    this.isAway = false;
    logger.info({ server, sessionTimeoutMs: client.getSessionTimeout() }, 'ZooKeeper answers');
    for (const tell of this.listeners) tell(this.connection);
  }

  private disconnected(): void {
    this.connection?.end();
    this.connection = undefined;
    this.sayAway();
  }

  private sayAway(): void {
    if (!this.isAway && !this.ended.signal.aborted)
      this.options.logger.warn('ZooKeeper is away: the fleet is known as it was, and the agent goes on looking for it');
    this.isAway = true;
  }

  /** Lets go of the client, whatever becomes of its session. */
  private forget(): void {
    this.mended?.abandon();
    this.mended = undefined;
    this.connection?.end();
    this.connection = undefined;
  }

  private async close({ client }: MendedClient, { signal }: ZookeeperConnection): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => {
        resolve();
      });
    });
    const late = new AbortController();
    client.close();
    await Promise.race([closed, this.options.clock.sleep(CLOSE_MS, late.signal).catch(() => undefined)]);
    late.abort();
  }

  /** Three times in a session's timeout: asks, and breaks a connection that has not answered since the last time. */
  private async beat(signal: AbortSignal): Promise<void> {
    const { clock, timeoutMs } = this.options;
    for (;;) {
      const agreed = this.mended?.client.getSessionTimeout() ?? timeoutMs;
      try {
        await clock.sleep(Math.min(agreed, timeoutMs) / 3, signal);
      } catch {
        return; // stopped
      }
      if (!this.mended) this.open();
      else this.probe(this.mended);
    }
  }

  private probe(mended: MendedClient): void {
    const { connection } = this;
    const target = connection ?? mended.socket();
    if (!connection) this.sayAway();
    const isSilent = target !== undefined && target === this.unanswered;
    this.unanswered = isSilent ? undefined : target;
    if (isSilent) mended.hangUp();
    else if (connection) void this.ask(connection);
  }

  private async ask(connection: ZookeeperConnection): Promise<void> {
    try {
      await connection.exists('/');
      this.lastHeardAt = this.options.clock.monotonic();
      this.unanswered = undefined;
    } catch (error) {
      this.options.logger.debug({ err: error }, 'ZooKeeper did not answer');
    }
  }
}

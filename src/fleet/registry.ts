import type { Clock } from '../lib/clock';
import { messageOf } from '../lib/errors';
import type { Logger } from '../lib/logger';
import type { Service } from '../lib/services';
import { makePath } from './make-path';
import { hasMuchChanged } from './much-changed';
import { decodeRelayNode, encodeRelayNode, type RelayNode } from './relay-node';
import { ConnectionLost, type NodeStat, type ZookeeperConnection } from './zookeeper-connection';
import type { ZookeeperSession } from './zookeeper-session';

/** Where this relay stands in the registry. */
export type Standing =
  /** Since ZooKeeper is away, or has not been asked yet. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'registered' }
  | { readonly kind: 'withdrawn' }
  /** Another agent uses the name; where that one says it is reached. */
  | { readonly kind: 'conflict'; readonly holder: string }
  | { readonly kind: 'refused'; readonly reason: string };

export interface RegistryOptions {
  readonly session: Pick<ZookeeperSession, 'connection' | 'acl' | 'onConnection'>;
  /** In which the relays' nodes are. */
  readonly path: string;
  readonly server: string;
  /** Stands in the node: what a previous run of this agent left behind is known by it. */
  readonly agent: string;
  /** What others shall know of this relay now, but for the last two keys. Never rejects. */
  readonly describe: () => Promise<Omit<RelayNode, 'agent' | 'updatedAt'>>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What was written last, in which session, and when by the monotonic clock. */
interface Written {
  readonly node: RelayNode;
  readonly version: number;
  readonly sessionId: string;
  readonly at: number;
}

/** So often it looks whether the node is there, and whether much has changed. */
const CHECK_MS = 2000;
const UPDATE_MS = 10_000;
const STOP_MS = 2000;
/** Between a look at the node and what is done about it another agent may do something. */
const TRIES = 3;

/** Keeps this relay's ephemeral node in ZooKeeper, for as long as it is wanted there and ZooKeeper can be reached. */
export class Registry implements Service {
  readonly name = 'registry';
  standing: Standing = { kind: 'unknown' };
  /** When the node was last written, milliseconds since the epoch. */
  lastUpdateAt: number | undefined;
  private readonly node: string;
  private ended = new AbortController();
  private isWanted = true;
  private turning: Promise<void> = Promise.resolve();
  private written: Written | undefined;

  constructor(private readonly options: RegistryOptions) {
    this.node = `${options.path}/${options.server}`;
    options.session.onConnection(() => void this.turn());
  }

  /** Waits for nothing. */
  start(): Promise<void> {
    const { clock, logger } = this.options;
    this.ended = new AbortController();
    clock.every(
      CHECK_MS,
      () => this.turn(),
      this.ended.signal,
      (error) => {
        logger.error({ err: error }, 'the registry failed');
      },
    );
    void this.turn();
    return Promise.resolve();
  }

  /** The node is gone when it resolves, unless ZooKeeper is away or takes its time: then it goes with the session. */
  async stop(): Promise<void> {
    const late = new AbortController();
    await Promise.race([this.withdraw(), this.options.clock.sleep(STOP_MS, late.signal).catch(() => undefined)]);
    late.abort();
    this.ended.abort();
  }

  /** Takes the node out of the registry until `announce`. It is gone when it resolves, unless ZooKeeper is away. */
  withdraw(): Promise<void> {
    this.isWanted = false;
    return this.turn();
  }

  announce(): Promise<void> {
    this.isWanted = true;
    return this.turn();
  }

  /** One after the other; none rejects. */
  private turn(): Promise<void> {
    return (this.turning = this.turning.then(() => this.reconcile()));
  }

  private async reconcile(): Promise<void> {
    const { connection } = this.options.session;
    if (!connection) {
      this.become(this.isWanted ? { kind: 'unknown' } : { kind: 'withdrawn' });
      return;
    }
    try {
      this.become(this.isWanted ? await this.appear(connection) : await this.vanish(connection));
    } catch (error) {
      this.become(
        error instanceof ConnectionLost ? { kind: 'unknown' } : { kind: 'refused', reason: messageOf(error) },
      );
    }
  }

  private async appear(connection: ZookeeperConnection): Promise<Standing> {
    const { describe, agent, clock } = this.options;
    const node = { ...(await describe()), updatedAt: new Date(clock.now()).toISOString(), agent };
    for (let tries = 0; tries < TRIES; tries++) {
      const standing = await this.claim(connection, node);
      if (standing) return standing;
    }
    throw new Error('others change the node all the time');
  }

  /** undefined where somebody was faster: look again. */
  private async claim(connection: ZookeeperConnection, node: RelayNode): Promise<Standing | undefined> {
    const stat = await connection.exists(this.node);
    if (!stat) return this.create(connection, node);
    if (stat.owner === connection.sessionId) return this.update(connection, node, stat);
    return this.contest(connection);
  }

  private async create(connection: ZookeeperConnection, node: RelayNode): Promise<Standing | undefined> {
    const { session, path } = this.options;
    const made = await connection.create(this.node, encodeRelayNode(node), session.acl(), 'ephemeral');
    if (made === 'no parent') await makePath(connection, path, session.acl());
    return made === 'created' ? this.noteWritten(connection, node, 0) : undefined;
  }

  private async update(
    connection: ZookeeperConnection,
    node: RelayNode,
    { version }: NodeStat,
  ): Promise<Standing | undefined> {
    if (!this.isDue(connection, node, version)) return { kind: 'registered' };
    const outcome = await connection.write(this.node, encodeRelayNode(node), version);
    return outcome === 'written' ? this.noteWritten(connection, node, version + 1) : undefined;
  }

  /**
   * A node of another session. What a previous run of this agent left is removed, and only before this run has had a
   * node: a copy of the data directory on another machine has the same id, and the two would take turns.
   */
  private async contest(connection: ZookeeperConnection): Promise<Standing | undefined> {
    const found = await connection.read(this.node);
    if (!found) return undefined;
    const holder = decodeRelayNode(found.data);
    const isLeftOver = holder?.agent === this.options.agent && !this.written;
    if (!isLeftOver) return { kind: 'conflict', holder: holder?.restAddr ?? 'it does not say' };
    await connection.remove(this.node, found.stat.version);
    return undefined;
  }

  private async vanish(connection: ZookeeperConnection): Promise<Standing> {
    const stat = await connection.exists(this.node);
    if (stat?.owner === connection.sessionId) await connection.remove(this.node, -1);
    return { kind: 'withdrawn' };
  }

  private isDue({ sessionId }: ZookeeperConnection, node: RelayNode, version: number): boolean {
    const { written } = this;
    // Another version: somebody else has written there.
    if (written?.sessionId !== sessionId || written.version !== version) return true;
    return this.options.clock.monotonic() - written.at >= UPDATE_MS || hasMuchChanged(written.node, node);
  }

  private noteWritten({ sessionId }: ZookeeperConnection, node: RelayNode, version: number): Standing {
    const { clock } = this.options;
    this.written = { node, version, sessionId, at: clock.monotonic() };
    this.lastUpdateAt = clock.now();
    return { kind: 'registered' };
  }

  /** Said when it changes. */
  private become(standing: Standing): void {
    const { logger } = this.options;
    const isNews = standing.kind !== this.standing.kind;
    this.standing = standing;
    if (!isNews) return;
    const where = { node: this.node };
    switch (standing.kind) {
      case 'unknown':
        return;
      case 'registered':
        logger.info(where, 'this relay is in the registry');
        return;
      case 'withdrawn':
        logger.info(where, 'this relay is out of the registry');
        return;
      case 'conflict':
        logger.warn(
          { ...where, holder: standing.holder },
          'another agent uses this name in the registry: give one of them another registry.server',
        );
        return;
      case 'refused':
        logger.error(
          { ...where, reason: standing.reason },
          'ZooKeeper refuses this relay: check registry.auth and path',
        );
    }
  }
}

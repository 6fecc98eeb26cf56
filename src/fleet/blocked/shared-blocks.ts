import type { Clock } from '../../lib/clock';
import { messageOf } from '../../lib/errors';
import type { Logger } from '../../lib/logger';
import { Bell } from '../bell';
import { RegistryReader } from '../registry-reader';
import { ConnectionLost, type NodeData, type ZookeeperConnection } from '../zookeeper-connection';
import type { ZookeeperSession } from '../zookeeper-session';
import { decodeBlocks, shardOf, type Blocks } from './blocks';
import { addToShard } from './write-shard';

/** Whom this agent blocks; it stays so while ZooKeeper is away. */
export interface OwnBlocks {
  /** Those of now. */
  entries(): Blocks;
  /** Takes over what others decided; the value are those who are blocked by it, or for longer. */
  take(found: Blocks): ReadonlySet<string>;
  /** Resolves when what was taken is on disk. */
  save(): Promise<void>;
}

export interface SharedBlocksOptions {
  readonly session: Pick<ZookeeperSession, 'connection' | 'onConnection' | 'acl'>;
  /** Of the relays' nodes. The shards lie beside it: the original signalling servers take what is below it for servers. */
  readonly path: string;
  readonly own: OwnBlocks;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How long a revocation waits for ZooKeeper; it is told later otherwise. */
const SHARE_MS = 3000;
/** Whatever others write all the time, it is dealt with so often. */
const PACE_MS = 1000;
const IDLE_MS = 60_000;

/**
 * Whom one agent blocks, all do: 64 nodes in ZooKeeper, which each agent watches, takes over, and completes with what it knows.
 * Nobody is ever unblocked by what stands there, or does not.
 */
export class SharedBlocks {
  private readonly seen = new Map<string, Blocks>();
  private readonly changed = new Set<string>();
  private readonly unreadable = new Set<string>();
  private readonly bell = new Bell();
  private readonly folder: string;
  private tell: (users: ReadonlySet<string>) => void = () => undefined;
  private problem: string | undefined;

  constructor(private readonly options: SharedBlocksOptions) {
    this.folder = `${options.path}.blocked`;
    options.session.onConnection((connection) => {
      this.follow(connection);
    });
  }

  /** Whoever is told whom another agent has blocked, or for longer than was known. */
  onBlocked(listener: (users: ReadonlySet<string>) => void): void {
    this.tell = listener;
  }

  /** Resolves with whether all agents are told that this user is blocked, or will be when ZooKeeper is back. Never rejects. */
  async share(user: string): Promise<'told' | 'pending'> {
    const { session, own, clock } = this.options;
    const { connection } = session;
    const until = own.entries().get(user);
    if (!connection || until === undefined) return 'pending';
    const late = new AbortController();
    const added = this.add(connection, shardOf(user), new Map([[user, until]]));
    const wait = clock.sleep(SHARE_MS, late.signal).catch(() => undefined);
    const isAdded = await Promise.race([added, wait]);
    late.abort();
    return isAdded === true ? 'told' : 'pending';
  }

  private follow(connection: ZookeeperConnection): void {
    const { clock, logger } = this.options;
    const reader = new RegistryReader({
      connection,
      path: this.folder,
      found: (shard, node) => {
        this.found(shard, node);
      },
      gone: (shard) => this.seen.delete(shard),
      known: () => this.seen.keys(),
      complete: () => {
        this.bell.ring();
      },
      clock,
      logger,
    });
    for (const work of [reader.run(), this.reconcile(connection)]) {
      void work.catch((error: unknown) => {
        if (!(error instanceof ConnectionLost) && !connection.signal.aborted)
          logger.error({ reason: messageOf(error) }, 'the users whom other agents block are not known');
      });
    }
  }

  private found(shard: string, node: NodeData | undefined): void {
    if (!/^[\w-]$/.test(shard)) return;
    const blocks = node && decodeBlocks(shard, node.data);
    this.sayUnreadable(shard, blocks === undefined);
    this.seen.set(shard, blocks ?? new Map());
    this.changed.add(shard);
  }

  /** After each reading: first what others know, then what they don't. */
  private async reconcile(connection: ZookeeperConnection): Promise<void> {
    const { clock } = this.options;
    for (;;) {
      await this.bell.wait(IDLE_MS, clock, connection.signal);
      await this.takeOver();
      for (const [shard, blocks] of this.missing()) await this.add(connection, shard, blocks);
      await clock.sleep(PACE_MS, connection.signal);
    }
  }

  private async takeOver(): Promise<void> {
    const { own, logger } = this.options;
    const found = new Map([...this.changed].flatMap((shard) => [...(this.seen.get(shard) ?? [])]));
    this.changed.clear();
    const users = own.take(found);
    if (users.size === 0) return;
    logger.info({ users: users.size }, 'another agent has revoked users: they are blocked here too');
    this.tell(users);
    await own.save().catch((error: unknown) => {
      logger.error({ err: error }, 'users that another agent has revoked are blocked here, but not on disk yet');
    });
  }

  /** What this agent knows and ZooKeeper does not, by shard. */
  private missing(): ReadonlyMap<string, Blocks> {
    const missing = new Map<string, Map<string, number>>();
    for (const [user, until] of this.options.own.entries()) {
      const shard = shardOf(user);
      if (until <= (this.seen.get(shard)?.get(user) ?? 0)) continue;
      const blocks = missing.get(shard) ?? new Map<string, number>();
      missing.set(shard, blocks.set(user, until));
    }
    return missing;
  }

  /** Whether they stand there now. */
  private async add(connection: ZookeeperConnection, shard: string, blocks: Blocks): Promise<boolean> {
    const { session, clock } = this.options;
    const acl = { folder: session.acl(), shard: session.acl('agents') };
    try {
      await addToShard({ connection, folder: this.folder, shard, acl }, blocks, clock.now());
      this.problem = undefined;
      return true;
    } catch (error) {
      if (!(error instanceof ConnectionLost)) this.sayProblem(messageOf(error));
      return false;
    }
  }

  /** Said once, until it works again. */
  private sayProblem(reason: string): void {
    const isNews = reason !== this.problem;
    this.problem = reason;
    if (isNews) this.options.logger.error({ folder: this.folder, reason }, 'ZooKeeper does not take a revocation');
  }

  private sayUnreadable(shard: string, isUnreadable: boolean): void {
    if (isUnreadable && !this.unreadable.has(shard))
      this.options.logger.warn(
        { node: `${this.folder}/${shard}` },
        'this does not hold blocked users: it is passed over',
      );
    if (isUnreadable) this.unreadable.add(shard);
    else this.unreadable.delete(shard);
  }
}

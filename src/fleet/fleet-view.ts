import type { Clock } from '../lib/clock';
import { messageOf } from '../lib/errors';
import type { Logger } from '../lib/logger';
import type { FleetRelay, Known } from './fleet-relay';
import { RecentlyLeft } from './recently-left';
import { RegistryReader } from './registry-reader';
import { decodeRelayNode } from './relay-node';
import { ConnectionLost, type ZookeeperConnection } from './zookeeper-connection';
import type { ZookeeperSession } from './zookeeper-session';

export interface FleetViewOptions {
  readonly session: Pick<ZookeeperSession, 'onConnection' | 'lastHeardAt'>;
  readonly path: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What this agent knows of all relays. While ZooKeeper is away it stays as it was. */
export class FleetView {
  /** Whether what is known is what is there now. */
  isCurrent = false;
  private readonly known = new Map<string, Known>();
  private readonly gone = new RecentlyLeft();
  /** Made when somebody asks, until something changes. */
  private listed: readonly FleetRelay[] | undefined;
  private currentUntil: number | undefined;

  constructor(private readonly options: FleetViewOptions) {
    options.session.onConnection((connection) => void this.follow(connection));
  }

  /** Sorted by their names. */
  relays(): readonly FleetRelay[] {
    this.listed ??= [...this.known.values()]
      .filter((one): one is FleetRelay => one.node !== undefined)
      .sort((a, b) => (a.server < b.server ? -1 : 1));
    return this.listed;
  }

  /** Relays that were there within the last day and are not now, as they were. */
  left(): readonly FleetRelay[] {
    return this.gone.list(this.options.clock.monotonic());
  }

  /** How many nodes are there that are no relay's. */
  get unreadable(): number {
    return this.known.size - this.relays().length;
  }

  /**
   * The fleet is known as it was then, milliseconds since the epoch; undefined before it was first known. As the wall
   * clock goes now: how old that is does not change where the clock steps.
   */
  get asOf(): number | undefined {
    const { session, clock } = this.options;
    const at = this.isCurrent ? session.lastHeardAt : this.currentUntil;
    return at === undefined ? undefined : at + clock.now() - clock.monotonic();
  }

  private lose(server: string): void {
    const { node, updatedAt = 0 } = this.known.get(server) ?? {};
    if (node) this.gone.note({ server, node, updatedAt }, this.options.clock.monotonic());
    this.known.delete(server);
    this.listed = undefined;
  }

  private async follow(connection: ZookeeperConnection): Promise<void> {
    const { path, clock, logger, session } = this.options;
    connection.signal.addEventListener('abort', () => {
      if (this.isCurrent) this.currentUntil = session.lastHeardAt;
      this.isCurrent = false;
    });
    const reader = new RegistryReader({
      connection,
      path,
      clock,
      logger,
      found: (server, node) => {
        const updatedAt = node?.stat.modifiedAt ?? 0;
        this.known.set(server, { server, node: node && decodeRelayNode(node.data), updatedAt });
        this.gone.forget(server);
        this.listed = undefined;
      },
      gone: (server) => {
        this.lose(server);
      },
      known: () => this.known.keys(),
      complete: () => {
        this.isCurrent = true;
      },
    });
    try {
      await reader.run();
    } catch (error) {
      if (!(error instanceof ConnectionLost) && !connection.signal.aborted)
        logger.error({ reason: messageOf(error) }, 'the registry cannot be read: the fleet is known as it was');
    }
  }
}

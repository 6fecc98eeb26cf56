import type { Clock } from '../../lib/clock';
import { messageOf } from '../../lib/errors';
import type { Logger } from '../../lib/logger';
import { ConnectionLost, type ZookeeperConnection } from '../zookeeper-connection';
import type { ZookeeperSession } from '../zookeeper-session';
import { agree, type Agreed } from './agree';
import type { Decision } from './decision';
import { inBatches } from './in-batches';
import type { PendingRoom } from './pending-room';
import type { Reservation } from './reservation';
import { TaskNodes } from './task-nodes';
import { TaskTable, type TaskEntry } from './task-table';

export interface TaskBookOptions {
  readonly session: Pick<ZookeeperSession, 'connection' | 'acl' | 'onConnection'>;
  /** Of the tasks' nodes. */
  readonly path: string;
  readonly pending: PendingRoom;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A call waits no longer for ZooKeeper; what it answers later is noted. */
const SHARE_MS = 2000;
/** For what could not be removed. */
const RETRY_MS = 5000;

/** Which task has which relay: here, and in ZooKeeper for all agents while it is there. */
export class TaskBook {
  private readonly table = new TaskTable();
  private readonly nodes: TaskNodes;
  private isRefused = false;

  constructor(private readonly options: TaskBookOptions) {
    const { session, path, clock } = options;
    this.nodes = new TaskNodes({ path, acl: () => session.acl(), clock });
    session.onConnection((connection) => void this.share(connection));
  }

  get size(): number {
    return this.table.size;
  }

  get counts(): TaskTable['counts'] {
    return this.table.counts;
  }

  has(id: string): boolean {
    return this.table.get(id) !== undefined;
  }

  /** Whether it stands where other agents see it. Where ZooKeeper does not take it, this agent decides alone. */
  async settle(id: string, decision: Decision): Promise<boolean> {
    const { connection } = this.options.session;
    const outcome = connection ? await this.inTime(this.agree(connection, id, decision)) : 'not shared';
    if (outcome !== 'not shared') return outcome === 'shared';
    const reservation = decision.make(this.valid(id));
    this.note(id, reservation && { reservation, place: { kind: 'unshared' } }, decision);
    return false;
  }

  /** False where there is none. What ZooKeeper can't be told now, it is told later. */
  async release(id: string): Promise<boolean> {
    const { session, pending, clock } = this.options;
    const entry = this.table.get(id);
    const isHere = this.valid(id) !== undefined;
    if (entry?.pending) pending.remove(entry.pending);
    const over = entry && { ...entry, pending: undefined, reservation: { ...entry.reservation, until: clock.now() } };
    if (over) this.table.set(id, over);
    const { connection } = session;
    const removed = connection && (await this.tried(() => this.nodes.remove(connection, id, -1)));
    if (removed && this.table.get(id) === over) this.table.delete(id);
    return isHere || removed === 'removed';
  }

  /** Ends what is over. */
  async tidy(): Promise<void> {
    await inBatches(this.table.takeDue(this.options.clock.now()), (id) => this.end(id));
  }

  /** Rejects with nothing: `not shared` where ZooKeeper fails. */
  private async agree(
    connection: ZookeeperConnection,
    id: string,
    decision: Decision,
  ): Promise<'shared' | 'not shared' | 'unshared' | 'none'> {
    const entry = this.table.get(id);
    const isOwn = entry?.place.kind === 'own' && entry.place.sessionId === connection.sessionId;
    const agreed = await this.tried(() =>
      agree(this.nodes, connection, {
        id,
        isKnown: entry !== undefined && entry.place.kind !== 'unshared',
        mayMake: this.mayMake,
        // An own node that is gone was removed by somebody; another one's may have gone with its agent.
        decide: (found) => decision.make(found ?? (isOwn ? undefined : this.valid(id))),
      }).then((result) => ({ result })),
    );
    if (!agreed) return 'not shared';
    this.note(id, agreed.result, decision);
    if (!agreed.result) return 'none';
    return agreed.result.place.kind === 'unshared' ? 'unshared' : 'shared';
  }

  private note(id: string, agreed: Agreed | undefined, decision: Decision): void {
    const stays = decision.settle(this.table.get(id)?.pending);
    if (agreed) this.table.set(id, { ...agreed, pending: stays });
  }

  private valid(id: string): Reservation | undefined {
    const reservation = this.table.get(id)?.reservation;
    return reservation && reservation.until > this.options.clock.now() ? reservation : undefined;
  }

  private get mayMake(): boolean {
    return this.table.counts.own < this.nodes.most;
  }

  private async end(id: string): Promise<void> {
    const { session, pending, clock } = this.options;
    const entry = this.table.get(id);
    if (!entry) return;
    if (entry.pending) pending.remove(entry.pending);
    const { connection } = session;
    const left = entry.place.kind === 'elsewhere' ? 'nothing' : connection && (await this.clear(connection, id, entry));
    if (this.table.get(id) !== entry) return; // asked for again meanwhile
    if (left === 'nothing') this.table.delete(id);
    else if (left) this.table.set(id, left);
    else this.table.dueAt(id, clock.now() + RETRY_MS);
  }

  /** Removes an own node; undefined where it could not be. Where others have had it extended, that is what is left. */
  private clear(
    connection: ZookeeperConnection,
    id: string,
    { place }: TaskEntry,
  ): Promise<'nothing' | TaskEntry | undefined> {
    return this.tried(async () => {
      const isOwn = place.kind === 'own' && place.sessionId === connection.sessionId;
      if (isOwn && (await this.nodes.remove(connection, id, place.version)) !== 'changed') return 'nothing';
      const found = await this.nodes.find(connection, id);
      if (found?.place.kind !== 'own') return 'nothing';
      if (found.reservation && found.reservation.until > this.options.clock.now())
        return { reservation: found.reservation, place: found.place, pending: undefined };
      return (await this.nodes.remove(connection, id, found.version)) === 'changed' ? undefined : 'nothing';
    });
  }

  /** In a new session, and after ZooKeeper was away: what is known here alone is told to all. */
  private async share(connection: ZookeeperConnection): Promise<void> {
    const lost = [...this.table.all()].filter(
      ([, { place }]) =>
        place.kind === 'unshared' || (place.kind === 'own' && place.sessionId !== connection.sessionId),
    );
    for (const [id, entry] of lost) this.table.set(id, { ...entry, place: { kind: 'unshared' } });
    await inBatches(
      lost.map(([id]) => id),
      (id) => this.shareOne(connection, id),
    );
  }

  private async shareOne(connection: ZookeeperConnection, id: string): Promise<void> {
    const entry = this.table.get(id);
    const own = this.valid(id);
    if (!entry || !own || connection.signal.aborted || !this.mayMake) return;
    const decide = (found: Reservation | undefined): Reservation => {
      const isOther = found !== undefined && found.until > this.options.clock.now() && found.server !== own.server;
      return isOther ? found : own;
    };
    const agreed = await this.tried(() => agree(this.nodes, connection, { id, isKnown: false, mayMake: true, decide }));
    if (!agreed || this.table.get(id) !== entry) return;
    this.table.set(id, { ...agreed, pending: entry.pending });
  }

  private async inTime<T>(answer: Promise<T>): Promise<T | 'not shared'> {
    const late = new AbortController();
    const timeout = this.options.clock.sleep(SHARE_MS, late.signal).then(
      () => 'not shared' as const,
      () => 'not shared' as const,
    );
    try {
      return await Promise.race([answer, timeout]);
    } finally {
      late.abort();
    }
  }

  /** undefined where ZooKeeper fails. */
  private async tried<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      const result = await work();
      this.isRefused = false;
      return result;
    } catch (error) {
      this.say(error);
      return undefined;
    }
  }

  /** Once, until it is taken again. */
  private say(error: unknown): void {
    if (error instanceof ConnectionLost || this.isRefused) return;
    this.isRefused = true;
    const { logger, path } = this.options;
    logger.warn({ path, reason: messageOf(error) }, 'ZooKeeper does not take reservations: this agent keeps its own');
  }
}

import type { ACL } from 'node-zookeeper-client';
import type { Clock } from '../../lib/clock';
import { makePath } from '../make-path';
import type { ZookeeperConnection } from '../zookeeper-connection';
import { decodeReservation, encodeReservation, type Reservation } from './reservation';
import type { Place } from './task-table';

export interface TaskNodesOptions {
  /** In which the nodes are; made where it is missing. */
  readonly path: string;
  readonly acl: () => ACL[];
  readonly clock: Clock;
}

/** A node as it was found. */
export interface Found {
  /** undefined where it holds none. */
  readonly reservation: Reservation | undefined;
  readonly place: Place;
  readonly version: number;
}

/**
 * What the paths of one session's ephemeral nodes may take, bytes. ZooKeeper (to 3.9) writes them all into the one
 * transaction that ends the session, and an ensemble that is given more than 1 MB there stops, and does not start again
 * (ZOOKEEPER-4306).
 */
const MAX_PATH_BYTES = 400_000;
/** A task's id with the slash before it, and its length as ZooKeeper writes it. */
const BYTES_BESIDE_FOLDER = 1 + 16 + 4;

/** The reservations in ZooKeeper: an ephemeral node a task. All of it rejects as ZookeeperConnection does. */
export class TaskNodes {
  /** So many may one session hold. */
  readonly most: number;

  constructor(private readonly options: TaskNodesOptions) {
    this.most = Math.floor(MAX_PATH_BYTES / (Buffer.byteLength(options.path) + BYTES_BESIDE_FOLDER));
  }

  async find(connection: ZookeeperConnection, id: string): Promise<Found | undefined> {
    const node = await connection.read(this.pathOf(id));
    if (!node) return undefined;
    const { owner, version } = node.stat;
    const isOwn = owner === connection.sessionId;
    return {
      reservation: decodeReservation(node.data, this.options.clock.now()),
      place: isOwn ? { kind: 'own', sessionId: connection.sessionId, version } : { kind: 'elsewhere' },
      version,
    };
  }

  /** undefined where there is one already. */
  async make(connection: ZookeeperConnection, id: string, reservation: Reservation): Promise<Place | undefined> {
    const create = () =>
      connection.create(this.pathOf(id), encodeReservation(reservation), this.options.acl(), 'ephemeral');
    let made = await create();
    if (made === 'no parent') {
      await makePath(connection, this.options.path, this.options.acl());
      made = await create();
    }
    return made === 'created' ? { kind: 'own', sessionId: connection.sessionId, version: 0 } : undefined;
  }

  /** undefined where it is another one by now. Whose session it goes with stays as it was. */
  async replace(
    connection: ZookeeperConnection,
    id: string,
    reservation: Reservation,
    { place, version }: Found,
  ): Promise<Place | undefined> {
    const outcome = await connection.write(this.pathOf(id), encodeReservation(reservation), version);
    if (outcome !== 'written') return undefined;
    return place.kind === 'own' ? { ...place, version: version + 1 } : place;
  }

  /** `version` -1: whatever it holds. */
  remove(connection: ZookeeperConnection, id: string, version: number): Promise<'removed' | 'changed' | 'gone'> {
    return connection.remove(this.pathOf(id), version);
  }

  private pathOf(id: string): string {
    return `${this.options.path}/${id}`;
  }
}

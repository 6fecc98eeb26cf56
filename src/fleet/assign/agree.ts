import type { ZookeeperConnection } from '../zookeeper-connection';
import type { Reservation } from './reservation';
import type { TaskNodes } from './task-nodes';
import type { Place } from './task-table';

/** What the agents have agreed on for a task. */
export interface Agreed {
  readonly reservation: Reservation;
  readonly place: Place;
}

export interface Agreement {
  readonly id: string;
  /** Whether this agent has heard of the task: then there is a node, most likely. */
  readonly isKnown: boolean;
  /** Whether this agent's session may hold another node. */
  readonly mayMake: boolean;
  /** Gets what is reserved by now, and says what it shall be; undefined: nothing. It may be asked several times. */
  readonly decide: (found: Reservation | undefined) => Reservation | undefined;
}

/** Between a look at a node and what is done about it another agent may do something. */
const TRIES = 5;

/**
 * Whoever makes a task's node first has chosen for all; the others find it there. undefined where nothing is to be
 * reserved. Rejects where ZooKeeper does not take it, as ZookeeperConnection says: then it may have been taken or not.
 */
export async function agree(
  nodes: TaskNodes,
  connection: ZookeeperConnection,
  { id, isKnown, mayMake, decide }: Agreement,
): Promise<Agreed | undefined> {
  let found = isKnown || !mayMake ? await nodes.find(connection, id) : undefined;
  for (let tries = 0; tries < TRIES; tries++) {
    const reservation = decide(found?.reservation);
    if (!reservation) return undefined;
    if (!found && !mayMake) return { reservation, place: { kind: 'unshared' } };
    const place = found
      ? await nodes.replace(connection, id, reservation, found)
      : await nodes.make(connection, id, reservation);
    if (place) return { reservation, place };
    found = await nodes.find(connection, id);
  }
  throw new Error('others change the node all the time');
}

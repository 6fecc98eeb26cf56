import type { Pending } from './pending-room';
import type { Reservation } from './reservation';

/** Where other agents find a reservation. */
export type Place =
  /** A node that goes with this session, which is an own one. It is to be removed when it is over. */
  | { readonly kind: 'own'; readonly sessionId: string; readonly version: number }
  /** A node of another agent, which removes it. */
  | { readonly kind: 'elsewhere' }
  /** Nowhere: ZooKeeper was away, or refused it. */
  | { readonly kind: 'unshared' };

/** What this agent knows of a task. */
export interface TaskEntry {
  readonly reservation: Reservation;
  readonly place: Place;
  /** Where this agent chose the relay. */
  readonly pending: Pending | undefined;
}

/** The tasks that asked here, and when they are due to be looked at: when their reservations end. */
export class TaskTable {
  private readonly entries = new Map<string, TaskEntry>();
  /** By the second in which they are due. One that was asked for again stands in a later one as well. */
  private readonly due = new Map<number, Set<string>>();
  private readonly places: Record<Place['kind'], number> = { own: 0, elsewhere: 0, unshared: 0 };

  get size(): number {
    return this.entries.size;
  }

  /** How many there are of each kind. */
  get counts(): Readonly<Record<Place['kind'], number>> {
    return this.places;
  }

  get(id: string): TaskEntry | undefined {
    return this.entries.get(id);
  }

  all(): IterableIterator<[id: string, entry: TaskEntry]> {
    return this.entries.entries();
  }

  set(id: string, entry: TaskEntry): void {
    const before = this.entries.get(id);
    if (before) this.places[before.place.kind]--;
    this.places[entry.place.kind]++;
    this.entries.set(id, entry);
    if (before?.reservation.until !== entry.reservation.until) this.dueAt(id, entry.reservation.until);
  }

  delete(id: string): void {
    const entry = this.entries.get(id);
    if (!entry) return;
    this.places[entry.place.kind]--;
    this.entries.delete(id);
  }

  /** It is to be looked at then, milliseconds since the epoch. */
  dueAt(id: string, at: number): void {
    const second = Math.ceil(at / 1000);
    const ids = this.due.get(second);
    if (ids) ids.add(id);
    else this.due.set(second, new Set([id]));
  }

  /** Those whose reservation is over, and that are due. */
  takeDue(now: number): string[] {
    const seconds = [...this.due.keys()].filter((second) => second * 1000 <= now);
    const ids = seconds.flatMap((second) => [...(this.due.get(second) ?? [])]);
    for (const second of seconds) this.due.delete(second);
    return [...new Set(ids)].filter((id) => (this.entries.get(id)?.reservation.until ?? Infinity) <= now);
  }
}

import type { FleetRelay } from './fleet-relay';

interface Left {
  readonly relay: FleetRelay;
  /** By the monotonic clock, milliseconds. */
  readonly at: number;
}

const REMEMBERED_MS = 86_400_000;
const MAX_RELAYS = 1000;

/**
 * Relays that are in the registry no more, as they were: dead, draining, stopped or given up. Who watches the fleet must not
 * lose a relay from sight at the very moment it dies. They are known for a day; of more than 1000 the last ones.
 */
export class RecentlyLeft {
  private readonly relays = new Map<string, Left>();

  note(relay: FleetRelay, now: number): void {
    // What is written last stands last: the first is who left longest ago.
    this.relays.delete(relay.server);
    this.relays.set(relay.server, { relay, at: now });
    const [oldest] = this.relays.keys();
    if (this.relays.size > MAX_RELAYS && oldest !== undefined) this.relays.delete(oldest);
  }

  /** It is back. */
  forget(server: string): void {
    this.relays.delete(server);
  }

  /** `now`: milliseconds of the clock that they were noted by. */
  list(now: number): readonly FleetRelay[] {
    for (const [server, { at }] of this.relays) if (now - at > REMEMBERED_MS) this.relays.delete(server);
    return [...this.relays.values()].map(({ relay }) => relay);
  }
}

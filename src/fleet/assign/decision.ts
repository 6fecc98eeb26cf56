import type { AssignConfig } from '../../config/assign';
import type { FleetRelay } from '../fleet-relay';
import type { Choice, NoChoice } from './choose';
import type { Pending, PendingRoom } from './pending-room';
import type { Reservation } from './reservation';

export interface DecisionOptions {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly reserveSeconds: number | undefined;
  readonly settings: Pick<AssignConfig, 'reserve' | 'reserveMbps'>;
  /** The relay of this name, where clients can be sent there, whatever its room. */
  readonly usable: (server: string) => FleetRelay | undefined;
  readonly choose: () => Choice;
  readonly pending: PendingRoom;
}

/** A relay for a task; `kept`: it had it before. */
export interface Proposal {
  readonly kind: 'proposal';
  readonly relay: FleetRelay;
  readonly by: 'kept' | 'region' | 'nearest' | 'any';
  readonly why: string;
  readonly reservation: Reservation;
}

/** Which relay one task gets: the one that it has, or a new one. It may be made several times, until all agents agree. */
export class Decision {
  /** What was decided last. */
  outcome: Proposal | NoChoice | undefined;
  private choice: Choice | undefined;
  private promised: Pending | undefined;

  constructor(private readonly options: DecisionOptions) {}

  /** `found`: what the task has reserved. undefined where no relay will do. */
  make(found: Reservation | undefined): Reservation | undefined {
    this.outcome = this.kept(found) ?? this.chosen();
    return this.outcome.kind === 'none' ? undefined : this.outcome.reservation;
  }

  /**
   * It stands, or something else does that was decided last. `before`: what was promised of a relay's room by this task
   * already; the value is what is from now on.
   */
  settle(before: Pending | undefined): Pending | undefined {
    const { outcome, promised } = this;
    const server = outcome?.kind === 'proposal' ? outcome.relay.server : undefined;
    const wanted = outcome?.kind === 'proposal' && outcome.by === 'kept' ? before : promised;
    const stays = wanted?.server === server ? wanted : undefined;
    for (const other of [before, promised]) if (other && other !== stays) this.options.pending.remove(other);
    return stays;
  }

  /** As in the Open WebRTC Toolkit: room and wishes matter for a new call, and this one has its place. */
  private kept(found: Reservation | undefined): Proposal | undefined {
    const { now, reserveSeconds, usable } = this.options;
    const relay = found && found.until > now ? usable(found.server) : undefined;
    if (!found || !relay) return undefined;
    const seconds = Math.max(found.seconds, reserveSeconds ?? 0);
    return {
      kind: 'proposal',
      relay,
      by: 'kept',
      why: 'The task has it reserved.',
      reservation: this.on(relay, seconds),
    };
  }

  private chosen(): Proposal | NoChoice {
    const { reserveSeconds, settings } = this.options;
    const choice = this.chooseOnce();
    if (choice.kind === 'none') return choice;
    const { relay, by, why } = choice;
    return { kind: 'proposal', relay, by, why, reservation: this.on(relay, reserveSeconds ?? settings.reserve) };
  }

  /** The room is taken at once: others are choosing too. */
  private chooseOnce(): Choice {
    const { choose, pending, settings } = this.options;
    if (this.choice) return this.choice;
    const choice = (this.choice = choose());
    if (choice.kind === 'chosen')
      this.promised = pending.add(choice.relay.server, settings.reserveMbps, choice.relay.node.freeTraffic);
    return choice;
  }

  private on({ server }: FleetRelay, seconds: number): Reservation {
    return { server, seconds, until: this.options.now + seconds * 1000 };
  }
}

import type { CoturnServer } from '../coturn/server';
import { lifeIn } from '../coturn/server';
import type { Relay } from '../turn/relay';

/** What is on the relay. */
export interface Left {
  readonly allocations: number;
  /** That have one of these allocations. */
  readonly sessions: number;
}

/** The relay as a drain deals with it. */
export interface DrainedRelay {
  /** Whether coturn is the agent's own, and can be told something: one that somebody else runs is measured only. */
  readonly isOwn: boolean;
  /** The number of the life of coturn that runs now, if one does. */
  life(): number | undefined;
  left(): Left;
  /** Whether coturn takes new allocations. Rejects with a UserError where it can't be told. */
  admit(admitted: boolean): Promise<void>;
  /** Ends what is open, so that coturn tells the totals of each. Rejects with a UserError where coturn can't be told. */
  end(): Promise<void>;
}

export interface DrainedRelayOptions {
  readonly relay: Pick<Relay, 'view' | 'markForced'>;
  readonly coturn: Pick<CoturnServer, 'state' | 'admitAllocations' | 'endAllocations'>;
  readonly isOwn: boolean;
  /** Whether an allocation of this origin is of the coturn that the agent runs now: others may tell theirs here too. */
  readonly isOwnOrigin: (origin: number) => boolean;
}

export function drainedRelay({ relay, coturn, isOwn, isOwnOrigin }: DrainedRelayOptions): DrainedRelay {
  const { view } = relay;
  const open = (): number[] => {
    const slots = [...view.allocations()];
    return isOwn ? slots.filter((slot) => isOwnOrigin(view.originOf(slot))) : slots;
  };
  return {
    isOwn,
    life: () => lifeIn(coturn.state())?.number,
    left: () => {
      const slots = open();
      return { allocations: slots.length, sessions: view.sessionsWith(slots) };
    },
    admit: (admitted) => coturn.admitAllocations(admitted),
    end: async () => {
      const slots = open();
      relay.markForced(slots);
      await coturn.endAllocations(slots.map((slot) => view.idOf(slot)));
    },
  };
}

import type { CoturnServer } from '../coturn/server';

type Seen = Pick<CoturnServer, 'state' | 'restarts'>;

/** coturn as others shall see it: one that answers, on a relay that is being drained, is there for nobody new. */
export function seenWhileDraining(coturn: Seen, drain: { readonly isOn: boolean }): Seen {
  return {
    restarts: () => coturn.restarts(),
    state: () => {
      const state = coturn.state();
      if (!drain.isOn || state.kind !== 'up') return state;
      return { kind: 'draining', life: state.life, before: 'maintenance' };
    },
  };
}

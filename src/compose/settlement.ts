import type { Fleet } from '../fleet/fleet';
import type { AgentName } from '../usage/open-sessions/shared-sessions';
import type { Publisher } from '../usage/open-sessions/publisher';
import type { Settler } from '../usage/open-sessions/settler';
import type { Context } from './context';
import type { State } from './state';

/** What makes records of the sessions of a server that dies with its agent. */
export interface Settlement {
  readonly publisher: Publisher;
  readonly settler: Settler;
}

const PUBLISH_MS = 5_000;
const LOOK_MS = 15_000;
/** At least so many signs of life, and looks, before an agent is taken for gone. */
const SIGNS = 5;

/** undefined without a fleet, and where the fleet shares no database. */
export async function createSettlement(
  { config, clock, logger }: Context,
  { relay, ledger }: State,
  fleet: Fleet | undefined,
): Promise<Settlement | undefined> {
  if (!config.registry || !fleet || config.usage.store === 'sqlite') return undefined;
  const { createSharedSessions } = await import('../usage/postgres/open-sessions.js');
  const { Publisher } = await import('../usage/open-sessions/publisher.js');
  const { Settler } = await import('../usage/open-sessions/settler.js');
  const { Departed } = await import('../fleet/departed/departed.js');
  const afterMs = config.registry.settleAfter * 1000;
  const lookMs = Math.min(LOOK_MS, afterMs / SIGNS);
  const shared = createSharedSessions({ url: config.usage.store, logger });
  const place = { server: fleet.server, registryId: fleet.agent };
  const everyMs = Math.min(PUBLISH_MS, afterMs / SIGNS);
  return {
    publisher: new Publisher({ shared, relay, ledger, place, everyMs, clock, logger }),
    settler: new Settler({
      shared,
      departed: new Departed({ afterMs, patienceMs: 3 * lookMs }),
      registered: () => registeredIn(fleet),
      ledger,
      everyMs: lookMs,
      clock,
      logger,
    }),
  };
}

function registeredIn({ view }: Pick<Fleet, 'view'>): ((agent: AgentName) => boolean) | undefined {
  if (!view.isCurrent) return undefined;
  const agents = new Map(view.relays().map(({ server, node }) => [server, node.agent]));
  return ({ server, registryId }) => agents.get(server) === registryId;
}

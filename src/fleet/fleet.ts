import { createHmac } from 'node:crypto';
import { hostname, networkInterfaces } from 'node:os';
import type { RegistryConfig } from '../config/registry';
import type { ListenAddress } from '../config/units';
import type { Clock } from '../lib/clock';
import type { Logger } from '../lib/logger';
import type { Service } from '../lib/services';
import { FleetView } from './fleet-view';
import { Registry, type RegistryOptions } from './registry';
import { registryPlace, restAddress } from './registry-address';
import { ZookeeperSession } from './zookeeper-session';

/** How the relay is just now. */
export interface RelayFigures {
  /** Megabits per second; undefined where the capacity is not known, or not yet. */
  readonly freeMbps: number | undefined;
  /** Used part of the capacity, 0 to 1. */
  readonly load: number | undefined;
  readonly allocations: number;
  readonly ready: boolean;
  readonly draining: boolean;
  readonly uris: readonly string[];
}

export interface FleetOptions {
  readonly settings: RegistryConfig;
  /** Where this agent's API listens. */
  readonly listen: ListenAddress;
  /** Known to this data directory alone. */
  readonly ownSecret: string;
  /** Of the agent. */
  readonly version: string;
  /** Never rejects. */
  readonly figures: () => Promise<RelayFigures>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The rate of a network card is known after 5 s; what is not known by then never will be. */
const LOOKS_WITHOUT_ROOM = 10;

/** This relay's place in the fleet, and what it knows of the others. */
export interface Fleet {
  /** Under which this relay is in the registry. */
  readonly server: string;
  readonly session: ZookeeperSession;
  readonly registry: Registry;
  readonly view: FleetView;
  /** In the order in which they start. */
  readonly services: readonly Service[];
}

export function joinFleet(options: FleetOptions): Fleet {
  const { settings, ownSecret, clock, logger } = options;
  const { servers, path } = registryPlace(settings);
  const { auth, sessionTimeout } = settings;
  const server = settings.server === 'auto' ? hostname() : settings.server;
  const session = new ZookeeperSession({ servers, timeoutMs: sessionTimeout * 1000, auth, clock, logger });
  const registry = new Registry({
    session,
    path,
    server,
    agent: agentId(ownSecret),
    describe: describing(options),
    clock,
    logger,
  });
  const view = new FleetView({ session, path, clock, logger });
  return { server, session, registry, view, services: [session, registry] };
}

/** Everybody may read it, and nobody get to the secret from it. */
function agentId(secret: string): string {
  return createHmac('sha256', secret).update('turnkeeper: agent in the registry').digest('hex').slice(0, 32);
}

function describing({ settings, listen, version, figures, logger }: FleetOptions): RegistryOptions['describe'] {
  const { region, isps } = settings;
  let unknown = 0;
  return async () => {
    const { freeMbps, load, ...rest } = await figures();
    unknown = freeMbps === undefined ? unknown + 1 : 0;
    if (unknown === LOOKS_WITHOUT_ROOM) {
      logger.warn(
        'how much room this relay has is not known, and it is registered with none: set network.capacityMbps',
      );
    }
    const restAddr = settings.restAddress === 'auto' ? restAddress(listen, networkInterfaces()) : settings.restAddress;
    // Room that nobody can vouch for is none.
    const others = { roundTrips: {}, reserved: {}, secrets: [] };
    return { freeTraffic: freeMbps ?? 0, restAddr, region, isps, load, ...rest, version, ...others };
  };
}

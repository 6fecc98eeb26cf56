import { createHmac } from 'node:crypto';
import { hostname, networkInterfaces } from 'node:os';
import type { RegistryConfig } from '../config/registry';
import type { ListenAddress } from '../config/units';
import type { Clock } from '../lib/clock';
import type { Logger } from '../lib/logger';
import type { Service } from '../lib/services';
import type { Tracer } from '../lib/tracer';
import { Assignments } from './assign/assignments';
import type { RelayState } from './assign/fitness';
import { SharedBlocks, type OwnBlocks } from './blocked/shared-blocks';
import { FleetView } from './fleet-view';
import { Registry, type RegistryOptions } from './registry';
import { registryPlace, restAddress } from './registry-address';
import type { RelayNode } from './relay-node';
import { RoundTrips } from './round-trips/round-trips';
import { ZookeeperSession } from './zookeeper-session';

/** How the relay is just now. */
export interface RelayFigures {
  /** Megabits per second; undefined where the capacity is not known, or not yet. */
  readonly freeMbps: number | undefined;
  /** Used part of the capacity, 0 to 1. */
  readonly load: number | undefined;
  readonly allocations: number;
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
  /** Fingerprints of what this agent makes credentials by, and of what its coturn accepts. */
  readonly secrets: { readonly issuesBy: string | undefined; readonly accepts: readonly string[] };
  /** Never rejects. */
  readonly figures: () => Promise<RelayFigures>;
  /** How the relay is just now. */
  readonly state: () => RelayState;
  readonly blocked: OwnBlocks;
  readonly tracer?: Tracer;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The rate of a network card is known after 5 s; what is not known by then never will be. */
const LOOKS_WITHOUT_ROOM = 10;

/** This relay's place in the fleet, and what it knows of the others. */
export interface Fleet {
  /** Under which this relay is in the registry. */
  readonly server: string;
  /** Stands in its node: no other data directory can make it. */
  readonly agent: string;
  readonly session: ZookeeperSession;
  readonly registry: Registry;
  readonly view: FleetView;
  readonly roundTrips: RoundTrips;
  readonly blocks: SharedBlocks;
  readonly assignments: Assignments;
  /** In the order in which they start. */
  readonly services: readonly Service[];
}

export function joinFleet(options: FleetOptions): Fleet {
  const { settings, ownSecret, blocked: own, tracer, clock, logger } = options;
  const { servers, path } = registryPlace(settings);
  const { auth, region, sessionTimeout } = settings;
  const server = settings.server === 'auto' ? hostname() : settings.server;
  const agent = agentId(ownSecret);
  const session = new ZookeeperSession({ servers, timeoutMs: sessionTimeout * 1000, auth, tracer, clock, logger });
  const view = new FleetView({ session, path, clock, logger });
  const everyMs = settings.roundTrips.every * 1000;
  const roundTrips = new RoundTrips({ view, server, region, everyMs, clock, logger });
  const registry = new Registry({
    session,
    path,
    server,
    agent,
    describe: describing(options, () => ({
      roundTrips: roundTrips.byRegion(),
      reserved: assignments.reserved(),
      secrets: options.secrets.accepts,
    })),
    clock,
    logger,
  });
  const blocks = new SharedBlocks({ session, path, own, clock, logger });
  const assignments = new Assignments({
    settings: settings.assign,
    sessionTimeout,
    agent,
    ownState: options.state,
    session,
    path,
    view,
    issuesBy: options.secrets.issuesBy,
    random: Math.random,
    clock,
    logger,
  });
  const services = [session, registry, assignments, ...(settings.roundTrips.enabled ? [roundTrips] : [])];
  return { server, agent, session, registry, view, roundTrips, blocks, assignments, services };
}

/** Everybody may read it, and nobody get to the secret from it. */
function agentId(secret: string): string {
  return createHmac('sha256', secret).update('turnkeeper: agent in the registry').digest('hex').slice(0, 32);
}

function describing(
  { settings, listen, version, figures, state, logger }: FleetOptions,
  ofOthers: () => Pick<RelayNode, 'roundTrips' | 'reserved' | 'secrets'>,
): RegistryOptions['describe'] {
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
    return { freeTraffic: freeMbps ?? 0, restAddr, region, isps, load, ...rest, ...state(), version, ...ofOthers() };
  };
}

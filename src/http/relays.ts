import { Router } from 'express';
import type { Fleet } from '../fleet/fleet';
import type { FleetRelay } from '../fleet/fleet-relay';
import type { Clock } from '../lib/clock';
import { UserError } from '../lib/errors';
import { methodNotAllowed } from './error-handler';
import type { Guard } from './guard';
import { readQuery } from './query';
import type { HttpSdAnswer, RelayAnswer, RelaysAnswer } from './relays-schema';
import { noQuery } from './sessions-schema';

const NO_STORE = { 'Cache-Control': 'no-store' };

/** The fleet as the routes see it. */
export type FleetCalls = Pick<Fleet, 'server'> & {
  readonly session: { readonly connection: unknown };
  readonly view: Pick<Fleet['view'], 'relays' | 'left' | 'asOf'>;
};

/** The relays of the fleet, for people and programs, and for Prometheus. `fleet`: undefined without a registry. */
export function relaysRouter(fleet: FleetCalls | undefined, clock: Clock, guard: Guard): Router {
  const router = Router();
  router
    .route('/v1/relays')
    .get(guard.allow('read'), (request, response) => {
      readQuery(noQuery, request);
      response.set(NO_STORE).json(relaysJson(present(fleet), clock.now()));
    })
    .all(methodNotAllowed('GET', 'HEAD'));
  router
    .route('/v1/relays/http-sd')
    .get(guard.allow('read'), (request, response) => {
      readQuery(noQuery, request);
      response.set(NO_STORE).json(targetGroups(known(present(fleet))));
    })
    .all(methodNotAllowed('GET', 'HEAD'));
  return router;
}

function present(fleet: FleetCalls | undefined): FleetCalls {
  if (fleet) return fleet;
  throw new UserError('not_found', 'This agent knows no other relays: set registry.zookeeper in its configuration.');
}

/** Prometheus keeps the targets that it has when it gets no list; an empty one would end them. */
function known({ view }: FleetCalls): Pick<FleetCalls['view'], 'relays' | 'left'> {
  if (view.asOf !== undefined) return view;
  throw new UserError('unavailable', 'The fleet is not known yet: ZooKeeper has not answered. Ask again.');
}

function relaysJson({ server, session, view }: FleetCalls, now: number): RelaysAnswer {
  const { asOf } = view;
  return {
    server,
    connected: session.connection !== undefined,
    ...(asOf !== undefined && { asOf: isoTime(asOf), ageSeconds: Math.max(0, now - asOf) / 1000 }),
    relays: view.relays().map(relayJson),
  };
}

export function relayJson({ server, node, updatedAt }: FleetRelay): RelayAnswer {
  const { restAddr, freeTraffic, load, allocations, region, isps, uris, ready, draining, version } = node;
  const said = { restAddr, freeTraffic, load, allocations, region, isps, uris, ready, draining, version };
  return { server, ...said, updatedAt: isoTime(updatedAt) };
}

/**
 * As `http_sd_config` takes them. A target without a port, or with a path, Prometheus would refuse. One that has left is
 * scraped on, or no alert could ring for it; not where another relay is reached now.
 */
function targetGroups(view: ReturnType<typeof known>): HttpSdAnswer {
  const relays = view.relays();
  const taken = new Set(relays.map(({ node }) => node.restAddr));
  const left = view.left().filter(({ node }) => !taken.has(node.restAddr));
  return [...relays.map((relay) => groupOf(relay, true)), ...left.map((relay) => groupOf(relay, false))].filter(
    ({ targets }) => targets.every((target) => /^[^/]+:\d+$/.test(target)),
  );
}

function groupOf({ server, node }: FleetRelay, isRegistered: boolean): HttpSdAnswer[number] {
  const labels = { ...labelsOf(server, node), __meta_turnkeeper_registered: String(isRegistered) };
  return { targets: [node.restAddr], labels };
}

/** Lists stand between commas on both sides, as in Prometheus' own discoveries, so that `.*,kt,.*` finds one. */
function labelsOf(
  server: string,
  { region, isps, version, ready, draining }: FleetRelay['node'],
): Record<string, string> {
  return {
    __meta_turnkeeper_server: server,
    __meta_turnkeeper_region: region ?? '',
    __meta_turnkeeper_isps: isps.length > 0 ? `,${isps.join(',')},` : '',
    __meta_turnkeeper_version: version ?? '',
    __meta_turnkeeper_ready: String(ready),
    __meta_turnkeeper_draining: String(draining),
  };
}

function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

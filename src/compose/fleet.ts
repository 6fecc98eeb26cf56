import { networkInterfaces } from 'node:os';
import { networkStatus } from '../collectors/network';
import { roomOf } from '../collectors/network-room';
import { systemRoots } from '../collectors/system-files';
import { readinessOf } from '../coturn/readiness';
import type { CoturnServer } from '../coturn/server';
import { fingerprintsOf } from '../credentials/fingerprints';
import { relayUris } from '../credentials/relay-uris';
import type { Fleet, RelayFigures } from '../fleet/fleet';
import type { Context } from './context';
import { rotates, type Credentials } from './credentials';
import type { State } from './state';

/** undefined without a registry. */
export async function createFleet(
  context: Context,
  state: State,
  coturn: Pick<CoturnServer, 'state'>,
  { blocked }: Pick<Credentials, 'blocked'>,
): Promise<Fleet | undefined> {
  const { config, secrets, version, tracer, clock, logger } = context;
  if (!config.registry) return undefined;
  const { joinFleet } = await import('../fleet/fleet.js');
  return joinFleet({
    settings: config.registry,
    listen: config.web.listenAddress,
    ownSecret: secrets.cliPassword,
    version,
    secrets: fingerprintsOf(config, secrets.authSecret, rotates(config)),
    figures: () => figuresOf(context, state),
    state: () => ({ ready: readinessOf(coturn.state()).ready, draining: coturn.state().kind === 'draining' }),
    blocked,
    tracer,
    clock,
    logger,
  });
}

async function figuresOf({ config, logger }: Context, state: State): Promise<RelayFigures> {
  const { relay, networkSampler: sampler } = state;
  const { credentials, coturn: settings } = config;
  const room = await networkStatus({ roots: systemRoots, sampler, ...config.network }).then(
    roomOf,
    (error: unknown) => {
      logger.debug({ err: error }, 'the room of the network devices is not known');
      return undefined;
    },
  );
  return {
    freeMbps: room?.freeMbps,
    load: room?.load,
    allocations: relay.totals.cells.reduce((sum, { open }) => sum + open, 0),
    // Addresses come and go, so a wildcard is looked up each time.
    uris: credentials.uris.length > 0 ? credentials.uris : relayUris(settings, networkInterfaces()),
  };
}

import { createCollectors } from '../collectors';
import { Exposition } from '../collectors/exposition';
import { systemRoots } from '../collectors/system-files';
import type { CoturnServer } from '../coturn/server';
import type { Fleet } from '../fleet/fleet';
import type { Reports } from '../reports/reports';
import type { Context } from './context';
import type { Credentials } from './credentials';
import { secretMadeAt, usageFigures } from './figures';
import type { Settlement } from './settlement';
import type { State } from './state';

/** What `/metrics` shows. */
export function createExposition(
  context: Context,
  state: State,
  parts: {
    coturn: Pick<CoturnServer, 'state' | 'restarts'>;
    credentials: Credentials;
    reports: Reports;
    fleet: Fleet | undefined;
    settlement: Settlement | undefined;
  },
): Exposition {
  const { config, clock, logger } = context;
  const { coturn, credentials, reports, fleet, settlement } = parts;
  const { issuer, rotation } = credentials;
  const { relay, statsdb, redis, licode, log, networkSampler } = state;
  const collectors = createCollectors({
    config,
    clock,
    roots: systemRoots,
    version: context.version,
    coturn,
    relay,
    statsdb,
    redis,
    traces: state.traces?.figures,
    licode,
    log,
    networkSampler,
    reports,
    fleet,
    usage: () => usageFigures(context, state, settlement),
    credentials: {
      counts: issuer.counts,
      secretMadeAt: () => secretMadeAt(config, rotation),
      rotateEverySeconds: rotation && config.credentials.rotateEvery,
    },
  });
  return new Exposition({ collectors, clock, logger });
}

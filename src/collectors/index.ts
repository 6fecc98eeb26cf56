import type { Config } from '../config/schema';
import { lifeIn, type CoturnServer } from '../coturn/server';
import type { Clock } from '../lib/clock';
import type { StatsdbSource } from '../sources/statsdb/statsdb-source';
import type { Relay } from '../turn/relay';
import { agentCollector } from './agent';
import type { Collector } from './collector';
import { coturnCollector } from './coturn';
import { credentialsCollector, type CredentialsCollectorOptions } from './credentials';
import { logCollector, type LogSource } from './log';
import { networkCollector } from './network';
import type { NetworkSampler } from './network-sampler';
import { processCollector } from './process';
import { relayPortsCollector } from './relay-ports';
import { relayTrafficCollector } from './relay-traffic';
import { sessionsCollector } from './sessions';
import { sourcesCollector } from './sources';
import type { SystemRoots } from './system-files';
import { udpCollector } from './udp';
import { usageCollector, type UsageFigures } from './usage';

export interface CollectorDeps {
  readonly config: Pick<Config, 'coturn' | 'network'>;
  readonly clock: Clock;
  readonly roots: SystemRoots;
  /** The agent's own version. */
  readonly version: string;
  readonly coturn: Pick<CoturnServer, 'state' | 'restarts'>;
  readonly relay: Pick<Relay, 'totals'>;
  readonly statsdb: Pick<StatsdbSource, 'counters' | 'newestHeartbeat'>;
  readonly log: LogSource;
  /** Started and stopped by whoever made it. */
  readonly networkSampler: NetworkSampler;
  readonly usage: () => UsageFigures;
  readonly credentials: Omit<CredentialsCollectorOptions, 'clock'>;
}

/** Every collector there is, in the order of their metrics on the page. A new one is a file and a line here. */
export function createCollectors(deps: CollectorDeps): Collector[] {
  const { config, clock, roots, coturn, relay, statsdb } = deps;
  const { relayIp, listeningIp, minPort, maxPort } = config.coturn;
  const relayIps = relayIp.length > 0 ? relayIp : listeningIp;
  const coturnPid = (): number | undefined => lifeIn(coturn.state())?.pid;
  return [
    coturnCollector({ server: coturn, lastHeartbeat: () => statsdb.newestHeartbeat(), clock }),
    relayTrafficCollector(relay.totals),
    sessionsCollector(relay.totals),
    logCollector(deps.log),
    relayPortsCollector({ roots, clock, coturnPid, minPort, maxPort, relayIps }),
    networkCollector({ roots, sampler: deps.networkSampler, ...config.network }),
    udpCollector(roots, coturnPid),
    processCollector(roots, coturnPid),
    usageCollector(deps.usage),
    credentialsCollector({ ...deps.credentials, clock }),
    sourcesCollector([statsdb.counters]),
    agentCollector(deps.version),
  ];
}

import type { Config } from '../config/schema';
import { prometheusUrl } from '../coturn/prometheus-port';
import { lifeIn, type CoturnServer } from '../coturn/server';
import type { Fleet } from '../fleet/fleet';
import type { Clock } from '../lib/clock';
import type { Reports } from '../reports/reports';
import type { RedisSource } from '../sources/redis/redis-source';
import type { StatsdbSource } from '../sources/statsdb/statsdb-source';
import type { Relay } from '../turn/relay';
import type { FailureSource } from '../webrtc/layers';
import { agentCollector } from './agent';
import { certificateCollector } from './certificate';
import { assignmentsCollector } from './assignments';
import type { Collector } from './collector';
import { coturnCollector } from './coturn';
import { coturnPageCollector, pageCounters } from './coturn-page';
import { credentialsCollector, type CredentialsCollectorOptions } from './credentials';
import { licodeCollector, type LicodeFigures } from './licode';
import { logCollector, type LogSource } from './log';
import { networkCollector } from './network';
import type { NetworkSampler } from './network-sampler';
import { processCollector } from './process';
import { redisCollector } from './redis';
import { registryCollector } from './registry';
import { relayPortsCollector } from './relay-ports';
import { relayTrafficCollector } from './relay-traffic';
import { roundTripsCollector } from './round-trips';
import { sessionsCollector } from './sessions';
import { softnetCollector } from './softnet';
import { sourcesCollector } from './sources';
import type { SystemRoots } from './system-files';
import { tracesCollector, type TraceFigures } from './traces';
import { udpCollector } from './udp';
import { usageCollector, type UsageFigures } from './usage';
import { webrtcCollector } from './webrtc';

export interface CollectorDeps {
  readonly config: Pick<Config, 'coturn' | 'network' | 'sources'>;
  readonly clock: Clock;
  readonly roots: SystemRoots;
  /** The agent's own version. */
  readonly version: string;
  readonly coturn: Pick<CoturnServer, 'state' | 'restarts'>;
  readonly relay: Pick<Relay, 'totals'>;
  /** One of the two is where coturn speaks. */
  readonly statsdb: Pick<StatsdbSource, 'counters' | 'newestHeartbeat'> | undefined;
  readonly redis: Pick<RedisSource, 'counters' | 'problem' | 'gaps' | 'asker'> | undefined;
  readonly licode: (LicodeFigures & FailureSource) | undefined;
  readonly reports: Reports;
  readonly fleet: Fleet | undefined;
  /** Undefined while traces are off. */
  readonly traces: TraceFigures | undefined;
  readonly log: LogSource;
  /** Started and stopped by whoever made it. */
  readonly networkSampler: NetworkSampler;
  readonly usage: () => UsageFigures;
  readonly credentials: Omit<CredentialsCollectorOptions, 'clock'>;
}

/** Every collector there is, in the order of their metrics on the page. A new one is a file and a line here. */
export function createCollectors(deps: CollectorDeps): Collector[] {
  const { config, clock, roots, coturn, relay, statsdb, redis, licode, reports } = deps;
  const { relayIp, listeningIp, minPort, maxPort, cert } = config.coturn;
  const relayIps = relayIp.length > 0 ? relayIp : listeningIp;
  const page = pageCounters();
  const coturnPid = (): number | undefined => lifeIn(coturn.state())?.pid;
  return [
    coturnCollector({ server: coturn, lastHeartbeat: () => statsdb?.newestHeartbeat(), clock }),
    relayTrafficCollector(relay.totals),
    sessionsCollector(relay.totals),
    logCollector(deps.log),
    coturnPageCollector(() => pageUrl(deps), page),
    relayPortsCollector({ roots, clock, coturnPid, minPort, maxPort, relayIps }),
    networkCollector({ roots, sampler: deps.networkSampler, ...config.network }),
    softnetCollector(roots),
    udpCollector(roots, coturnPid),
    processCollector(roots, coturnPid),
    usageCollector(deps.usage),
    credentialsCollector({ ...deps.credentials, clock }),
    ...(cert === undefined ? [] : [certificateCollector(cert)]),
    webrtcCollector({ failures: [...(licode ? [licode] : []), reports], reports: reports.counts }),
    ...(licode ? [licodeCollector(licode)] : []),
    ...(deps.traces ? [tracesCollector(deps.traces)] : []),
    ...(deps.fleet ? fleetCollectors(deps.fleet) : []),
    ...(redis ? [redisCollector(redis, clock)] : []),
    sourcesCollector([...[statsdb, redis].flatMap((source) => source?.counters ?? []), page]),
    agentCollector(deps.version),
  ];
}

/** Of coturn's own Prometheus page, where it has one now. */
function pageUrl({ config, coturn }: Pick<CollectorDeps, 'config' | 'coturn'>): string | undefined {
  if (!config.coturn.supervise) return config.sources.metrics.url;
  const port = lifeIn(coturn.state())?.metricsPort;
  return port === undefined ? undefined : prometheusUrl(port);
}

function fleetCollectors(fleet: Fleet): readonly Collector[] {
  return [
    registryCollector(fleet),
    roundTripsCollector(fleet.roundTrips.counts),
    assignmentsCollector(fleet.assignments),
  ];
}

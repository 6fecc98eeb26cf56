import type { Config } from '../config/schema';
import { readLifeRecord } from '../coturn/life-record';
import { logFile } from '../coturn/turnserver-conf';
import type { Clock } from '../lib/clock';
import type { StatsdbSource } from '../sources/statsdb/statsdb-source';
import type { Relay } from '../turn/relay';
import { LogRecovery, type LogRecoveryOptions } from '../usage/log-recovery';
import { logWitnessIn } from '../usage/log-witness';
import type { OpenUsage } from '../usage/open-usage';
import type { Context } from './context';

export function logPath(config: Config): string {
  return config.sources.log.path ?? logFile(config.dataDir);
}

/** Only the log of the coturn that the agent runs can fill gaps: of that one alone it knows where a life begins. */
export function createRecovery(
  context: Context,
  relay: Relay,
  statsdb: () => StatsdbSource | undefined,
): LogRecovery | undefined {
  const { config, usage, clock, logger } = context;
  if (!config.coturn.supervise || config.sources.log.path !== undefined) return undefined;
  return new LogRecovery({
    path: logPath(config),
    keep: config.coturn.log.keep,
    relay,
    origins: () => present(statsdb()),
    witness: logWitnessIn(usage.kept.witness),
    shift: usage.kept.shift,
    recorded: isBegunAnew(usage) ? undefined : recordedLife(config, clock),
    clock,
    logger,
  });
}

/**
 * An own file that was lost, while the database elsewhere has the records that it gave: what the log tells of the time
 * before would make each once more.
 */
function isBegunAnew({ shipper, opened }: OpenUsage): boolean {
  return shipper !== undefined && opened.commit === 0;
}

function recordedLife({ dataDir }: Config, clock: Clock): LogRecoveryOptions['recorded'] {
  const stored = readLifeRecord(dataDir);
  if (stored.kind !== 'life') return undefined;
  const { number, startedAt, logStart } = stored.record;
  return { number, start: logStart ?? undefined, startedAt: startedAt - clock.now() + clock.monotonic() };
}

/** The agent's own coturn speaks to the statsdb endpoint: the configuration is refused otherwise. */
function present(statsdb: StatsdbSource | undefined): StatsdbSource {
  if (!statsdb) throw new Error('the agent runs coturn, and has no statsdb endpoint');
  return statsdb;
}

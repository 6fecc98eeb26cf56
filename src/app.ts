import { mkdir } from 'node:fs/promises';
import type { Agent } from './compose/agent';
import { greeting } from './compose/greeting';
import type { Config } from './config/schema';
import { loadSecrets } from './config/secret-store';
import { ensurePrivate } from './coturn/log-files';
import { bootId } from './coturn/process-identity';
import { logFile } from './coturn/turnserver-conf';
import { systemClock, type Clock } from './lib/clock';
import { lockDirectory } from './lib/directory-lock';
import { toldToEnd, type Ending } from './lib/ending';
import { messageOf, UserError } from './lib/errors';
import { createLogger, type Logger } from './lib/logger';
import { noTracer } from './lib/tracer';
import { logFields } from './tracing/log-fields';
import { startTracing } from './tracing/start';
import type { Tracing } from './tracing/tracing';
import { openUsage } from './usage/open-usage';

export interface RunOptions {
  readonly logger: Logger;
  /** The agent's own. */
  readonly version: string;
}

/**
 * Runs the agent until it is told to end; the value is the exit status. Throws UserError where it cannot begin: then
 * nothing of it is left.
 */
export async function run(config: Config, options: RunOptions): Promise<number> {
  const clock = systemClock;
  await makeDataDir(config.dataDir);
  const lock = await lockDirectory(config.dataDir, clock.now());
  const told = toldToEnd(process);
  try {
    const { tracing, logger } = await withTraces(config, options, clock);
    const secrets = await loadSecrets(config, logger);
    // There from the start, so that no line of the first coturn is missed, and nobody else can read it.
    if (config.coturn.supervise) ensurePrivate(logFile(config.dataDir));
    const boot = bootId();
    const stamp = { bootId: boot, monotonic: clock.monotonic(), wall: clock.now() };
    const tracer = tracing ?? noTracer;
    const opening = openUsage({ config, stamp, tracer, clock, logger });
    // The file is opened in a thread of its own; meanwhile this one loads what runs on it, a third of the start.
    const [usage, { compose }] = await Promise.all([opening, import('./compose/agent.js')]);
    const { version } = options;
    const agent = await compose({ config, secrets, usage, bootId: boot, version, tracer, tracing, clock, logger });
    await agent.services.start();
    process.stdout.write(greeting(agent.http.url(), config));
    await end(agent, await told, logger);
  } finally {
    await lock.release();
  }
  return 0;
}

async function makeDataDir(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    const message = `dataDir can't be made (${messageOf(error)}): make it for this user, or choose another one.`;
    throw new UserError('bad_config', message, { cause: error });
  }
}

/** While traces are on, each line of the log says in which span it was written. */
async function withTraces(
  config: Config,
  options: RunOptions,
  clock: Clock,
): Promise<{ tracing: Tracing | undefined; logger: Logger }> {
  const tracing = await startTracing({ ...options, environment: process.env, clock });
  if (!tracing) return { tracing, logger: options.logger };
  const { level, format } = config.log;
  return { tracing, logger: createLogger(level, format, () => logFields(tracing)) };
}

async function end(agent: Agent, ending: Ending, logger: Logger): Promise<void> {
  if (ending === 'release') await agent.release();
  else agent.relay.forceAll();
  logger.info(ending === 'release' ? 'stopping; coturn runs on' : 'stopping, sessions first');
  await agent.services.stop();
}

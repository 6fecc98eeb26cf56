import { effective } from '../config/effective';
import { describeMistakes, loadConfig } from '../config/load';
import type { Config } from '../config/schema';
import type { Mistake } from '../config/setting';
import { reservedExtraKeys } from '../coturn/extra-options';
import { createLogger, type Logger } from '../lib/logger';
import { KEY_VARIABLE } from './client/key';
import { flagValues, type RunOptions } from './run-options';
import { EXIT, type Terminal } from './terminal';

/** What `run` is given by main, which alone knows the application. */
export interface RunContext {
  readonly terminal: Terminal;
  readonly version: string;
  /** Runs the agent until it is told to stop; the value is the exit status. */
  readonly runAgent: (config: Config, options: { logger: Logger; version: string }) => Promise<number>;
}

/** Loads the configuration, then checks it or runs the agent with it; the value is the exit status. */
export async function run(options: RunOptions, context: RunContext): Promise<number> {
  const loaded = await loadConfig({
    flags: flagValues(options),
    file: options['config.file'],
    // A shell that has the key for the client commands may start the agent as well.
    environment: { ...context.terminal.environment, [KEY_VARIABLE]: undefined },
    reservedExtraKeys,
  });
  const onlyCheck = options['config.check'] === true;
  const asJson = onlyCheck && options.json === true;
  if (loaded.kind === 'invalid') return refuse(loaded.mistakes, asJson, context.terminal);
  if (onlyCheck) return approve(loaded.config, asJson, context.terminal);
  const { level, format } = loaded.config.log;
  return context.runAgent(loaded.config, { logger: createLogger(level, format), version: context.version });
}

function refuse(mistakes: readonly Mistake[], asJson: boolean, terminal: Terminal): number {
  if (asJson) terminal.stdout(toJson({ valid: false, mistakes }));
  else terminal.stderr(`turnkeeper: ${describeMistakes(mistakes)}\n`);
  return EXIT.usage;
}

function approve(config: Config, asJson: boolean, terminal: Terminal): number {
  terminal.stdout(asJson ? toJson({ valid: true, config: effective(config) }) : 'configuration is valid\n');
  return EXIT.ok;
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

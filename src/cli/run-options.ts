import type { Command } from 'commander';
import type { FlagValues } from '../config/from-flags';
import { LOG_FORMATS, LOG_LEVELS } from '../lib/logger';

/** What commander makes of the flags: it keeps their dots and turns `-a` into `A`. */
export interface RunOptions {
  readonly 'config.file'?: string;
  readonly 'config.check'?: true;
  readonly json?: true;
  readonly 'web.listenAddress'?: string;
  readonly 'web.config.file'?: string;
  readonly 'log.level'?: string;
  readonly 'log.format'?: string;
}

/** The flags of `run`, for the bare program too: an exporter is started by its name alone. */
export function addRunOptions(command: Command): Command {
  return command
    .option('--config.file <file>', 'YAML file with the configuration')
    .option('--config.check', 'check the configuration, and exit')
    .option('--json', 'with --config.check: answer as JSON, with the configuration in effect')
    .option('--web.listen-address <host:port>', 'where HTTP is served (default: 127.0.0.1:9642)')
    .option('--web.config.file <file>', 'TLS and basic authentication, in the format of the exporter toolkit')
    .option('--log.level <level>', `one of ${LOG_LEVELS.join(', ')} (default: info)`)
    .option('--log.format <format>', `one of ${LOG_FORMATS.join(', ')} (default: logfmt)`);
}

/** Those that stand for a key of the configuration. */
export function flagValues(options: RunOptions): FlagValues {
  return {
    '--web.listen-address': options['web.listenAddress'],
    '--web.config.file': options['web.config.file'],
    '--log.level': options['log.level'],
    '--log.format': options['log.format'],
  };
}

import { Option, type Command } from 'commander';
import { UserError } from '../../lib/errors';
import type { Terminal } from '../terminal';
import { apiAddress } from './address';
import { ApiClient } from './api-client';
import { KEY_VARIABLE, readKey } from './key';

/** What every command takes that asks a running agent. */
export interface ClientOptions {
  readonly url?: string;
  readonly keyFile?: string;
  readonly 'config.file'?: string;
  readonly key?: unknown;
}

export function addClientOptions(command: Command): Command {
  return command
    .option(
      '--url <url>',
      "where the agent is (default: its configuration's web.listenAddress, or http://127.0.0.1:9642)",
    )
    .option('--key-file <file>', `file with the API key (default: the environment's ${KEY_VARIABLE})`)
    .option('--config.file <file>', "the agent's configuration, to learn where it listens")
    .addOption(new Option('--key [key]').hideHelp());
}

/** Throws UserError `bad_config` for options that can't be followed. */
export async function connect(options: ClientOptions, { environment }: Terminal): Promise<ApiClient> {
  if (options.key !== undefined) {
    const message = `A key on the command line shows in the list of processes: put it into ${KEY_VARIABLE} or --key-file.`;
    throw new UserError('bad_config', message);
  }
  const key = readKey({ file: options.keyFile, environment });
  const address = await apiAddress({ url: options.url, configFile: options['config.file'], environment });
  return new ApiClient(address, key);
}

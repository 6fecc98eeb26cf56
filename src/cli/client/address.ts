import { describeMistakes, loadConfig } from '../../config/load';
import type { Config } from '../../config/schema';
import { formatListenAddress, type ListenAddress } from '../../config/units';
import { reservedExtraKeys } from '../../coturn/extra-options';
import { UserError } from '../../lib/errors';
import { loadWebConfig, NO_WEB_CONFIG } from '../../web-config/load';
import { KEY_VARIABLE } from './key';

export interface AddressInputs {
  /** `--url` */
  readonly url: string | undefined;
  /** `--config.file` */
  readonly configFile: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface ApiAddress {
  readonly url: URL;
  /** PEM: what the agent shows, whose configuration says so, whatever name stands in it. undefined: a certificate has to be valid. */
  readonly certificate?: string | undefined;
}

/** Where the agent's API is: what was said, or where the configuration on this machine lets it listen. Throws UserError. */
export async function apiAddress({ url, configFile, environment }: AddressInputs): Promise<ApiAddress> {
  if (url !== undefined) return { url: parseUrl(url) };
  const loaded = await loadConfig({
    flags: {},
    file: configFile,
    environment: { ...environment, [KEY_VARIABLE]: undefined },
    reservedExtraKeys,
  });
  if (loaded.kind === 'valid') return listenerOf(loaded.config.web);
  throw new UserError(
    'bad_config',
    `${describeMistakes(loaded.mistakes)}\nPut it right, or say where the agent is with --url.`,
  );
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    throw new UserError('bad_config', '--url must be like http://127.0.0.1:9642 or https://turn.example.org:9642.');
  }
  if (url.username !== '' || url.password !== '') {
    const instead = `Put an API key into ${KEY_VARIABLE} or --key-file instead.`;
    throw new UserError('bad_config', `A password in --url shows in the list of processes. ${instead}`);
  }
  return url;
}

/** The agent reads its web configuration again while it runs, as here. */
async function listenerOf({ listenAddress, configFile }: Config['web']): Promise<ApiAddress> {
  const { tls } = configFile === undefined ? NO_WEB_CONFIG : await loadWebConfig(configFile);
  return { url: listenerUrl(listenAddress, tls ? 'https' : 'http'), certificate: tls?.cert };
}

/** How an agent that listens there is reached from this machine: on loopback where it listens on every address. */
export function listenerUrl({ host, port }: ListenAddress, scheme: 'http' | 'https' = 'http'): URL {
  if (port === 0) {
    throw new UserError('bad_config', 'The agent chooses its port itself (web.listenAddress): say it with --url.');
  }
  const reached = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return new URL(`${scheme}://${formatListenAddress({ host: reached, port })}`);
}

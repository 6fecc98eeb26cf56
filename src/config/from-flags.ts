import type { ConfigKey } from './keys';
import type { Layer } from './setting';
import { fromText } from './text-value';

/** The flags of the command line that stand for a key of the configuration, in the dotted style of Prometheus. */
const KEY_FLAGS = {
  '--web.listen-address': 'web.listenAddress',
  '--web.config.file': 'web.configFile',
  '--log.level': 'log.level',
  '--log.format': 'log.format',
} as const;

type KeyFlag = keyof typeof KEY_FLAGS;
export type FlagValues = Readonly<Partial<Record<KeyFlag, string | undefined>>>;

/** What the command line gave. */
export function fromFlags(flags: FlagValues, keys: readonly ConfigKey[]): Layer {
  const settings = Object.entries(flags).flatMap(([flag, text]) => {
    const key = keys.find(({ name }) => name === KEY_FLAGS[flag as KeyFlag]);
    return key && text !== undefined ? [{ key, value: fromText(key.schema, text), source: flag }] : [];
  });
  return { settings, mistakes: [] };
}

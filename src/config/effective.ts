import { configKeys, type ConfigKey } from './keys';
import { formatLimit, isLimit } from './limits';
import { configSchema, type Config } from './schema';
import { isSecretConfKey } from './secret-values';
import { formatListenAddress, isListenAddress } from './units';

const HIDDEN = '<secret>';

/** The configuration as it could stand in a file, without its secrets. Durations are in seconds. */
export function effective(config: Config): Record<string, unknown> {
  return shown([], config, configSchema.parse({}), configKeys()) as Record<string, unknown>;
}

function shown(path: readonly string[], value: unknown, byDefault: unknown, keys: readonly ConfigKey[]): unknown {
  const key = keys.find(({ name }) => name === path.join('.'));
  if (!key) {
    // A section that is not there by default has none.
    const defaults = (byDefault ?? {}) as Readonly<Record<string, unknown>>;
    return mapEntries(value, (name, child) => shown([...path, name], child, defaults[name], keys));
  }
  if (value === undefined) return undefined;
  if (key.secret && value !== byDefault) return HIDDEN;
  if (key.name === 'coturn.extra') return mapEntries(value, (name, child) => (isSecretConfKey(name) ? HIDDEN : child));
  if (isLimit(value)) return formatLimit(value);
  return isListenAddress(value) ? formatListenAddress(value) : value;
}

function mapEntries(value: unknown, map: (name: string, child: unknown) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value as object).map(([name, child]) => [name, map(name, child)]));
}

import { check, type Checked } from './check';
import { CONFIG_FILE_VARIABLE, fromEnvironment, type Environment } from './from-environment';
import { fromFile } from './from-file';
import { fromFlags, type FlagValues } from './from-flags';
import { configKeys, type ConfigKey } from './keys';
import { readText } from './read-text';
import type { Layer, Mistake, Setting } from './setting';

/** Where a configuration comes from. */
export interface ConfigInputs {
  readonly flags: FlagValues;
  /** `--config.file`; unset: what the environment names, if it names one. */
  readonly file: string | undefined;
  readonly environment: Environment;
  /** Which of these keys of `coturn.extra` the agent sets itself. The caller tells: config knows nothing of coturn's file. */
  readonly reservedExtraKeys: (extra: Readonly<Record<string, true>>) => readonly string[];
}

/** A flag goes before the environment, that before the file, that before the default. Every mistake is reported at once. */
export async function loadConfig(inputs: ConfigInputs): Promise<Checked> {
  const keys = configKeys();
  const layers = [
    await fileLayer(inputs, keys),
    await fromEnvironment(inputs.environment, keys, readText),
    fromFlags(inputs.flags, keys),
  ];
  const settings = layers.flatMap((layer) => layer.settings);
  const checked = check(settings);
  const mistakes = [
    ...layers.flatMap((layer) => layer.mistakes),
    ...(checked.kind === 'invalid' ? checked.mistakes : []),
    ...reservedKeys(settings, inputs.reservedExtraKeys),
  ];
  return mistakes.length > 0 ? { kind: 'invalid', mistakes } : checked;
}

async function fileLayer({ file, environment }: ConfigInputs, keys: readonly ConfigKey[]): Promise<Layer> {
  const path = file ?? (environment[CONFIG_FILE_VARIABLE] || undefined);
  if (path === undefined) return { settings: [], mistakes: [] };
  const content = readText(path);
  if (content.kind === 'text') return fromFile(path, content.text, keys);
  const source = file === undefined ? CONFIG_FILE_VARIABLE : '--config.file';
  return { settings: [], mistakes: [{ path: '', source, message: `the file ${path} ${content.reason}` }] };
}

function reservedKeys(settings: readonly Setting[], reserved: ConfigInputs['reservedExtraKeys']): readonly Mistake[] {
  const setting = settings.findLast(({ key }) => key.name === 'coturn.extra');
  if (!setting || typeof setting.value !== 'object' || setting.value === null) return [];
  const names = Object.fromEntries(Object.keys(setting.value).map((name) => [name, true as const]));
  return reserved(names).map((name) => ({
    path: `coturn.extra.${name}`,
    source: setting.source,
    message: 'the agent sets this itself: leave it out, or use the key of the configuration that stands for it',
  }));
}

/** All mistakes as lines for a person. */
export function describeMistakes(mistakes: readonly Mistake[]): string {
  const count = mistakes.length === 1 ? 'a mistake' : `${mistakes.length} mistakes`;
  const lines = mistakes.map(
    ({ path, source, message }) => `  ${path === '' ? '' : `${path}: `}${message} (${source})`,
  );
  return [`the configuration has ${count}:`, ...lines].join('\n');
}

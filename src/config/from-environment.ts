import { didYouMean } from './did-you-mean';
import type { ConfigKey } from './keys';
import type { FileText } from './read-text';
import type { Layer, Mistake, Setting } from './setting';
import { fromText, isStructured } from './text-value';
import { readYaml } from './yaml-text';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Names the configuration file itself, for `--config.file`. */
export const CONFIG_FILE_VARIABLE = 'TURNKEEPER_CONFIG_FILE';

const PREFIX = 'TURNKEEPER_';
/** `X_FILE` names a file that holds the value of `X`: how containers and systemd hand secrets over. */
const FILE_SUFFIX = '_FILE';

/** What the environment gave. An empty variable is as if it were not there (`X=${X:-}` in a compose file). */
export async function fromEnvironment(
  environment: Environment,
  keys: readonly ConfigKey[],
  readText: (path: string) => FileText,
): Promise<Layer> {
  const given = new Map(
    Object.entries(environment).flatMap(([name, text]) =>
      name.startsWith(PREFIX) && name !== CONFIG_FILE_VARIABLE && text ? [[name, text] as const] : [],
    ),
  );
  const found = await Promise.all(keys.map((key) => settingOf(key, given, readText)));
  const known = keys.flatMap(({ variable }) => [variable, variable + FILE_SUFFIX]);
  const unknown = [...given.keys()].filter((name) => !known.includes(name));
  return {
    settings: found.flatMap((item) => (item && 'key' in item ? [item] : [])),
    mistakes: [
      ...found.flatMap((item) => (item && 'message' in item ? [item] : [])),
      ...unknown.map((name) => unknownVariable(name, known)),
    ],
  };
}

async function settingOf(
  key: ConfigKey,
  given: ReadonlyMap<string, string>,
  readText: (path: string) => FileText,
): Promise<Setting | Mistake | undefined> {
  const direct = given.get(key.variable);
  const fileVariable = key.variable + FILE_SUFFIX;
  const file = given.get(fileVariable);
  if (file === undefined) return direct === undefined ? undefined : valueOf(key, direct, key.variable);
  const mistake = (message: string): Mistake => ({ path: key.name, source: fileVariable, message });
  if (direct !== undefined) return mistake(`${key.variable} is set as well: keep one of the two`);
  const content = readText(file);
  return content.kind === 'bad'
    ? mistake(`the file that it names ${content.reason}`)
    : valueOf(key, content.text.replace(/\r?\n$/, ''), fileVariable);
}

async function valueOf(key: ConfigKey, text: string, source: string): Promise<Setting | Mistake> {
  if (!isStructured(key.schema)) return { key, value: fromText(key.schema, text), source };
  const yaml = await readYaml(text);
  if (yaml.kind === 'value') return { key, value: yaml.value, source };
  const message = `expected YAML or JSON: ${yaml.problems.map((problem) => problem.message).join('; ')}`;
  return { path: key.name, source, message };
}

function unknownVariable(name: string, known: readonly string[]): Mistake {
  const meant = didYouMean(
    name.slice(PREFIX.length),
    known.map((variable) => variable.slice(PREFIX.length)),
  );
  const hint = meant === undefined ? '' : `; did you mean ${PREFIX}${meant}?`;
  return { path: name, source: 'environment', message: `unknown variable${hint}` };
}

import { explain } from './explain';
import { isSecretAt } from './secret-values';
import { configSchema, type Config } from './schema';
import type { Mistake, Setting } from './setting';

export type Checked =
  | { readonly kind: 'valid'; readonly config: Config }
  | { readonly kind: 'invalid'; readonly mistakes: readonly Mistake[] };

type Path = readonly PropertyKey[];

/** Fills in the defaults, or says everything that is wrong. Of several settings for one key the last counts. */
export function check(settings: readonly Setting[]): Checked {
  const effective = new Map(settings.map((setting) => [setting.key.name, setting]));
  const result = configSchema.safeParse(nest(effective.values()), { error: explain });
  if (result.success) return { kind: 'valid', config: result.data };
  const mistakes = result.error.issues.map((issue) => mistakeOf(issue.path, issue.message, effective));
  return { kind: 'invalid', mistakes };
}

/** `a.b = 1, a.c = 2` as `{ a: { b: 1, c: 2 } }`. */
function nest(settings: Iterable<Setting>): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const { key, value } of settings) {
    let section = root;
    for (const part of key.path.slice(0, -1)) section = (section[part] ??= {}) as Record<string, unknown>;
    section[key.path.at(-1) ?? ''] = value;
  }
  return root;
}

function mistakeOf(path: Path, message: string, effective: ReadonlyMap<string, Setting>): Mistake {
  const all = [...effective.values()];
  const setting = all.find(({ key }) => key.path.every((part, index) => part === path[index]));
  if (!setting) return { path: written(path), source: sourceWithout(path, message, all), message };
  return { path: written(path), source: setting.source, message: message + given(setting, path, message) };
}

/** For a key that nobody gave: where what it goes with was given, or else its default is meant. */
function sourceWithout(path: Path, message: string, all: readonly Setting[]): string {
  const beside = all.find(({ key }) => key.path.slice(0, -1).every((part, index) => part === path[index]));
  return message.startsWith('is missing') && beside ? beside.source : 'default';
}

/** In a URL (RFC 3986 section 3.2.1), also for a key that takes none. */
const USER_AND_PASSWORD = /:[^@]*@/;

/** What was given instead, where it is short, no secret, and the sentence says what was expected. */
function given({ key, value }: Setting, path: Path, message: string): string {
  if (isSecretAt(key, path) || !/^(expected|must be|must have) /.test(message)) return '';
  const inner = path.slice(key.path.length).reduce<unknown>(childOf, value);
  if (inner === undefined || typeof inner === 'object') return '';
  const text = JSON.stringify(inner);
  if (USER_AND_PASSWORD.test(text)) return '';
  return `, not ${text.length > 60 ? `${text.slice(0, 60)}...` : text}`;
}

function childOf(parent: unknown, part: PropertyKey): unknown {
  return typeof parent === 'object' && parent !== null ? (parent as Record<PropertyKey, unknown>)[part] : undefined;
}

/** `coturn.listeningIp[0]` */
function written(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}

import type * as Yaml from 'yaml';
import type { Document, LineCounter, YAMLError } from 'yaml';

/** A YAML text that was read, or what is wrong with it and in which line. */
export type YamlText =
  | {
      readonly kind: 'value';
      readonly value: unknown;
      readonly lineOf: (path: readonly string[]) => number | undefined;
    }
  | { readonly kind: 'bad'; readonly problems: readonly YamlProblem[] };

interface YamlProblem {
  readonly line: number | undefined;
  readonly message: string;
}

/** An anchor may be used this often in all: a few lines could otherwise stand for gigabytes. */
const MAX_ALIASES = 100;

/** Sentences of our own: the library's may quote the text, and so show a secret. */
const SENTENCES: Partial<Record<YAMLError['code'], string>> = {
  DUPLICATE_KEY: 'this key stands twice in its mapping: keep one of them',
  TAB_AS_INDENT: 'a tab cannot indent in YAML: use spaces',
  BAD_INDENT: 'the indentation does not match the lines around it',
  RESOURCE_EXHAUSTION: 'nested too deeply to be read',
  MULTIPLE_DOCS: 'a second document begins here: keep one',
};
const NOT_YAML = 'not valid YAML here: a value with special characters must stand in quotes';
const BAD_ALIAS = 'an alias (*name) is not defined or used too often: a value that begins with * must stand in quotes';

/** Reads one YAML document. The library is loaded when it is needed: a start without a file does not pay for it. */
export async function readYaml(text: string): Promise<YamlText> {
  const yaml = await import('yaml');
  const lines = new yaml.LineCounter();
  try {
    const document = yaml.parseDocument(text, { lineCounter: lines, prettyErrors: false });
    const problems = [...document.errors, ...document.warnings];
    if (problems.length > 0) return { kind: 'bad', problems: problems.map((problem) => sentenceOf(problem, lines)) };
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    return { kind: 'value', value, lineOf: (path) => lineOf(yaml, document, lines, path) };
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error; // what yaml 2 throws for an alias that it can't or won't follow
    return { kind: 'bad', problems: [{ line: undefined, message: BAD_ALIAS }] };
  }
}

function sentenceOf(problem: YAMLError, lines: LineCounter): YamlProblem {
  return { line: lines.linePos(problem.pos[0]).line, message: SENTENCES[problem.code] ?? NOT_YAML };
}

function lineOf(
  yaml: typeof Yaml,
  document: Document,
  lines: LineCounter,
  path: readonly string[],
): number | undefined {
  const parent = path.length > 1 ? document.getIn(path.slice(0, -1), true) : document.contents;
  if (!yaml.isMap(parent)) return undefined;
  const key = parent.items
    .map((pair) => pair.key)
    .find((item) => yaml.isScalar(item) && String(item.value) === path.at(-1));
  return yaml.isScalar(key) && key.range ? lines.linePos(key.range[0]).line : undefined;
}

import { didYouMean } from './did-you-mean';
import type { ConfigKey } from './keys';
import type { Layer, Mistake, Setting } from './setting';
import { readYaml, type YamlText } from './yaml-text';

/** What a YAML file gave. A key with nothing after it is as if it were not there. */
export async function fromFile(file: string, text: string, keys: readonly ConfigKey[]): Promise<Layer> {
  const yaml = await readYaml(text);
  if (yaml.kind === 'value') return new FileReader(file, keys, yaml.lineOf).read(yaml.value);
  const mistakes = yaml.problems.map(({ line, message }) => ({ path: '', source: at(file, line), message }));
  return { settings: [], mistakes };
}

type LineOf = Extract<YamlText, { kind: 'value' }>['lineOf'];

class FileReader {
  private readonly settings: Setting[] = [];
  private readonly mistakes: Mistake[] = [];

  constructor(
    private readonly file: string,
    private readonly keys: readonly ConfigKey[],
    private readonly lineOf: LineOf,
  ) {}

  read(root: unknown): Layer {
    this.visit(root, []);
    return { settings: this.settings, mistakes: this.mistakes };
  }

  private visit(value: unknown, path: readonly string[]): void {
    if (value === null) return;
    const key = this.keys.find(({ name }) => name === path.join('.'));
    if (key) this.settings.push({ key, value, source: this.sourceOf(path) });
    else if (!this.isSection(path)) this.mistake(path, `unknown key${this.hint(path)}`);
    else if (!isMapping(value)) this.mistake(path, 'expected a mapping (key: value)');
    else for (const [name, child] of Object.entries(value)) this.visit(child, [...path, name]);
  }

  private isSection(path: readonly string[]): boolean {
    return this.keys.some((key) => path.every((part, index) => key.path[index] === part));
  }

  /** The nearest name beside it, or else the place where a key of this very name belongs. */
  private hint(path: readonly string[]): string {
    const word = path.at(-1) ?? '';
    const section = path.slice(0, -1);
    const siblings = this.keys.filter((key) => section.every((part, index) => key.path[index] === part));
    const sibling = didYouMean(word, [...new Set(siblings.map((key) => key.path[section.length] ?? ''))]);
    const meant = sibling === undefined ? this.elsewhere(word) : [...section, sibling].join('.');
    return meant === undefined ? '' : `; did you mean ${meant}?`;
  }

  private elsewhere(word: string): string | undefined {
    return this.keys.find((key) => key.path.at(-1) === word)?.name;
  }

  private mistake(path: readonly string[], message: string): void {
    this.mistakes.push({ path: path.map(printable).join('.'), source: this.sourceOf(path), message });
  }

  private sourceOf(path: readonly string[]): string {
    return at(this.file, this.lineOf(path));
  }
}

function at(file: string, line: number | undefined): string {
  return line === undefined ? file : `${file}:${line}`;
}

/** A key may be any text in YAML. */
function printable(part: string): string {
  return /^[\w-]{1,60}$/.test(part) ? part : JSON.stringify(part.slice(0, 60));
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import { z } from 'zod';
import { explain } from '../../src/config/explain';

/** A key of the configuration as the schema has it. */
export interface ConfigEntry {
  /** `web.listenAddress` */
  readonly name: string;
  /** As it would stand in the file; undefined where there is none. */
  readonly byDefault: string | undefined;
  /** Whether its section needs it. */
  readonly required: boolean;
  /** What a value has to be, as the agent says it of a wrong one. */
  readonly expected: readonly string[];
}

/** Wrong for one kind of value or another, so that each tells what would be right. */
const WRONG: readonly unknown[] = [{}, '\u0000', -1, 1e15, ['\u0000']];
/** Said of a value of the wrong kind; what the right kind has to be besides says it better. */
const KINDS = ['a text', 'a number', 'a whole number'];
/** What `explain` says where the schema has no sentence. */
const UNTOLD = 'not a possible value';
const UNITS = { d: 86_400, h: 3600, m: 60, s: 1, ms: 0.001 } as const;

/** Every key below a schema, in its order. */
export function configEntries(schema: z.core.$ZodType, path: readonly string[] = []): ConfigEntry[] {
  const inner = unwrapped(schema);
  if (!(inner instanceof z.ZodObject)) return [entryOf(schema, inner, path)];
  return Object.entries(inner.shape as z.core.$ZodShape).flatMap(([name, child]) =>
    configEntries(child, [...path, name]),
  );
}

function entryOf(schema: z.core.$ZodType, inner: z.core.$ZodType, path: readonly string[]): ConfigEntry {
  const { type, byDefault } = wrapping(schema);
  return {
    name: path.join('.'),
    byDefault: byDefault === undefined ? undefined : textOf(byDefault, isDuration(inner)),
    required: type === 'none',
    expected: expectedOf(inner),
  };
}

interface Wrapping {
  readonly type: 'none' | 'optional' | 'default';
  readonly byDefault?: unknown;
}

function wrapping({ _zod: { def } }: z.core.$ZodType): Wrapping {
  if ('defaultValue' in def) return { type: 'default', byDefault: def.defaultValue };
  return { type: def.type === 'optional' ? 'optional' : 'none' };
}

/** What stands inside `default`, `prefault` and `optional`. */
function unwrapped(schema: z.core.$ZodType): z.core.$ZodType {
  const { def } = schema._zod;
  return 'innerType' in def ? unwrapped(def.innerType as z.core.$ZodType) : schema;
}

/** Of the schemas that are a text or a number and become something else, durations alone become seconds. */
function isDuration({ _zod: { def } }: z.core.$ZodType): boolean {
  return def.type === 'pipe' && 'in' in def && (def.in as z.core.$ZodType)._zod.def.type === 'union';
}

function textOf(value: unknown, inSeconds: boolean): string {
  if (inSeconds && typeof value === 'number') return durationText(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function durationText(seconds: number): string {
  const [unit = 's', size = 1] = Object.entries(UNITS).find(([, length]) => seconds % length === 0) ?? [];
  return `${Math.round(seconds / size)}${unit}`;
}

function expectedOf(schema: z.core.$ZodType): string[] {
  const isList = schema._zod.def.type === 'array';
  const messages = WRONG.filter((wrong) => isList || !Array.isArray(wrong)).flatMap((wrong) => {
    return (z.safeParse(schema, wrong, { error: explain }).error?.issues ?? []).map(sentenceOf);
  });
  const all = [...new Set(messages)].filter((message) => !message.endsWith(UNTOLD));
  const particular = all.filter((message) => !KINDS.includes(message) && !message.startsWith('must'));
  return particular.length > 0 ? all.filter((message) => !KINDS.includes(message)) : all;
}

function sentenceOf(issue: z.core.$ZodIssue): string {
  const isAbove = issue.code === 'too_small' && issue.inclusive === false;
  const message = isAbove ? `must be above ${issue.minimum}` : issue.message;
  return `${issue.path.length > 0 ? 'each ' : ''}${message.replace(/^expected /, '')}`;
}

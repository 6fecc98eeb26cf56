import type { Layer } from '../webrtc/layers';
import type { Listed } from './components';
import { parseJson } from './wire';

/** A number that the original exporter gave, and how the answers of many components make it. */
export interface Gauge {
  /** Without the prefix. */
  readonly name: string;
  readonly help: string;
  /** `sum` adds up counts, whole numbers. */
  readonly combine: 'sum' | 'max' | 'mean';
  /** The value of a mean of nothing, as the original had it; 0 unless given. */
  readonly ofNone?: number;
  /** Counts failures of this layer since the question was asked last. */
  readonly layer?: Layer;
  /** Takes the number out of an answer. Absent and null (JSON's NaN) say that there is none. */
  readonly read: (answer: unknown) => unknown;
}

/** What is typed into the REPL of a component; it prints one line of JSON. */
export interface Question {
  readonly text: string;
  readonly gauges: readonly Gauge[];
  /** Where the answer names components to ask next; undefined if it makes no sense. */
  readonly lists?: (answer: unknown) => Listed | undefined;
  /** An answer without any number is right too. */
  readonly mayBeEmpty?: boolean;
}

/** What one component said to one question. */
export interface Reading {
  /** By the gauge's name. */
  readonly numbers: ReadonlyMap<string, number>;
  readonly listed: Listed;
}

/** More of anything is no count; sums of such numbers are exact. */
const MAX_COUNT = 1e9;
/** An empty histogram of Node.js says 2^63 ns as its least. */
const MAX_VALUE = 1e12;

/** undefined when it is not what was asked for: such an answer counts for nothing, not even in part. */
export function readAnswer(question: Question, text: unknown): Reading | undefined {
  const answer = typeof text === 'string' ? parseJson(text) : undefined;
  if (answer === undefined || answer === null) return undefined;
  const listed = question.lists ? question.lists(answer) : [];
  const numbers = readNumbers(question, answer);
  return listed && numbers && { numbers, listed };
}

function readNumbers({ gauges, mayBeEmpty = false }: Question, answer: unknown): Map<string, number> | undefined {
  if (mayBeEmpty && typeof answer !== 'object') return undefined;
  const numbers = new Map<string, number>();
  for (const gauge of gauges) {
    const value = gauge.read(answer) ?? undefined;
    if (value === undefined) continue;
    if (!isPossible(value, gauge)) return undefined;
    numbers.set(gauge.name, value);
  }
  return numbers.size > 0 || mayBeEmpty || gauges.length === 0 ? numbers : undefined;
}

function isPossible(value: unknown, { combine }: Gauge): value is number {
  if (typeof value !== 'number' || !(value >= 0)) return false;
  return combine === 'sum' ? Number.isInteger(value) && value <= MAX_COUNT : value <= MAX_VALUE;
}

/** The whole answer. */
export const itself = (answer: unknown): unknown => answer;

/** What stands at a path of the answer; undefined where there is nothing. */
export function at(...path: readonly (string | number)[]): (answer: unknown) => unknown {
  return (answer) => path.reduce<unknown>(member, answer);
}

/** An object's own member: not `constructor`, nor a text's length. */
function member(value: unknown, key: string | number): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<string | number, unknown>)[key];
}

import { printableLines } from './printable';

/** Each line with its end. */
export function asLines(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

/** A value as one line of NDJSON that a terminal shows and nothing else. */
export function jsonLine(value: unknown): string {
  return printableLines(`${JSON.stringify(value)}\n`);
}

import { closeSync, fstatSync, openSync, readSync, renameSync, rmSync, statSync, truncateSync } from 'node:fs';
import { systemCode } from '../lib/errors';

const TAIL_BYTES = 8192;
const TAIL_LINES = 15;
const MAX_LINE = 300;

/** Makes the file, 0600, if it is missing: coturn would make it readable for everybody, and writes the statsdb password to it. */
export function ensurePrivate(path: string): void {
  closeSync(openSync(path, 'a', 0o600));
}

/** Bytes; 0 for a file that is not there. */
export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/**
 * `path` becomes `path.1`, `path.1` becomes `path.2`, and so on; what would be beyond `keep` is deleted, and `fresh`
 * becomes `path`.
 */
export function rotate(path: string, keep: number, fresh: string): void {
  const name = (i: number): string => (i === 0 ? path : `${path}.${i}`);
  rmSync(name(keep), { force: true });
  for (let i = keep - 1; i >= 0; i--) renameIfThere(name(i), name(i + 1));
  renameSync(fresh, path);
}

/** Empties a file that a process appends to and can't be told to open again. */
export function empty(path: string): void {
  truncateSync(path, 0);
}

/** The last lines of coturn's log or output for people to read: bounded, escaped, the secrets taken out. */
export function lastLines(path: string, secrets: readonly string[]): string[] {
  const text = secrets.reduce((tail, secret) => tail.replaceAll(secret, '***'), readTail(path));
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.slice(-TAIL_LINES).map((line) => escapeControl(line).slice(0, MAX_LINE));
}

/** Control characters, which could drive a terminal or forge a line, as \xNN. */
export function escapeControl(text: string): string {
  return Array.from(text, (character) => {
    const code = character.charCodeAt(0);
    const isControl = code < 0x20 || (code >= 0x7f && code < 0xa0) || code === 0x2028 || code === 0x2029;
    return isControl ? `\\x${code.toString(16).padStart(2, '0')}` : character;
  }).join('');
}

function readTail(path: string): string {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return '';
    throw error;
  }
  try {
    const start = Math.max(0, fstatSync(file).size - TAIL_BYTES);
    const buffer = Buffer.alloc(TAIL_BYTES);
    const bytes = readSync(file, buffer, 0, TAIL_BYTES, start);
    const tail = buffer.toString('utf8', 0, bytes);
    // A line that was cut could begin within a secret.
    return start === 0 ? tail : tail.slice(tail.indexOf('\n') + 1);
  } finally {
    closeSync(file);
  }
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}

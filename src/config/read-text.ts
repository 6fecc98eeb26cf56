import { readFileSync, statSync } from 'node:fs';
import { systemCode } from '../lib/errors';

const MAX_BYTES = 1024 * 1024;

/** `reason` goes on after "the file": it does not name it, as the name may be a secret that was put in the wrong place. */
export type FileText =
  { readonly kind: 'text'; readonly text: string } | { readonly kind: 'bad'; readonly reason: string };

/** The text of a small file of configuration, or why there is none. */
export function readText(path: string): FileText {
  try {
    if (statSync(path).size > MAX_BYTES) return { kind: 'bad', reason: 'is larger than 1 MiB: is it the right one?' };
    return { kind: 'text', text: readFileSync(path, 'utf8') };
  } catch (error) {
    return { kind: 'bad', reason: reasonOf(systemCode(error)) };
  }
}

function reasonOf(code: string | undefined): string {
  switch (code) {
    case 'ENOENT':
      return 'does not exist';
    case 'EACCES':
      return 'may not be read by this user: change its owner or mode';
    case 'EISDIR':
      return 'is a directory: name a file in it';
    default:
      return `can't be read (${code ?? 'unknown error'})`;
  }
}

import { statSync } from 'node:fs';

/** When a file was last written, milliseconds since the epoch; undefined where it is not there. */
export function modifiedAt(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}

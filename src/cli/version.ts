import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The version in package.json, which stands two folders above this file both in src/ and in dist/. */
export function readVersion(): string {
  const { version } = JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8')) as { version: string };
  return version;
}

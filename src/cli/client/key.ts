import { readText } from '../../config/read-text';
import { UserError } from '../../lib/errors';

/** Holds the API key that the client commands show. */
export const KEY_VARIABLE = 'TURNKEEPER_KEY';
const MAX_KEY = 1024;

export interface KeyInputs {
  /** `--key-file` */
  readonly file: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The API key, if one is given. Throws UserError, which never shows the key. */
export function readKey({ file, environment }: KeyInputs): string | undefined {
  if (file === undefined) return checked(environment[KEY_VARIABLE]?.trim() || undefined, KEY_VARIABLE);
  const content = readText(file);
  if (content.kind === 'bad') throw new UserError('bad_config', `The key file ${file} ${content.reason}.`);
  const key = content.text.trim();
  if (key === '') throw new UserError('bad_config', `The key file ${file} is empty: write the API key into it.`);
  return checked(key, `The key file ${file}`);
}

/** What could not stand in a header is refused here: an error of Node.js could show it. */
function checked(key: string | undefined, where: string): string | undefined {
  if (key === undefined || (key.length <= MAX_KEY && /^[\x21-\x7e]+$/.test(key))) return key;
  throw new UserError('bad_config', `${where} does not hold an API key: one word of printable ASCII is expected.`);
}

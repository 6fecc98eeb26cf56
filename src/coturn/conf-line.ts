import { UserError } from '../lib/errors';

/** true stands for the key alone. */
export type ConfLine = readonly [key: string, value: string | number | boolean];

/** coturn 4.6.1 and 4.17.1 read 1023 bytes a line (`sbuf` in mainrelay.c): what is beyond would be another line. */
const MAX_LINE_BYTES = 1000;

/**
 * A line of turnserver.conf. coturn takes one pair of quotes away (`parse_arg_string`), so that what stands between them
 * is kept as it is, spaces, quotes and `=` included. Throws UserError `bad_config` for what it could not read back.
 */
export function renderConfLine([key, value]: ConfLine): string {
  if (value === true) return key;
  const text = String(value);
  if (hasControlCharacter(text)) {
    throw new UserError('bad_config', `The value of coturn's ${key} holds a control character: take it out.`);
  }
  const line = /^[\w.:/@+-]+$/.test(text) ? `${key}=${text}` : `${key}="${text}"`;
  if (Buffer.byteLength(line) <= MAX_LINE_BYTES) return line;
  throw new UserError('bad_config', `The value of coturn's ${key} is too long: a line holds ${MAX_LINE_BYTES} bytes.`);
}

function hasControlCharacter(text: string): boolean {
  return Array.from(text).some((character) => character < ' ' || character === '\x7f');
}

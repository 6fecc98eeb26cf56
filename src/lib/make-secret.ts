import { randomBytes } from 'node:crypto';

/** Hexadecimal, so that it needs quoting neither in turnserver.conf nor in a connection string nor in a URL. */
export function makeSecret(): string {
  return randomBytes(24).toString('hex');
}

import { randomBytes } from 'node:crypto';

/** Hexadecimal: it needs quoting nowhere. */
export function makeSecret(): string {
  return randomBytes(24).toString('hex');
}

import { z } from 'zod';

const EXPECTED_ORIGIN = 'expected an origin as a browser sends it, such as https://app.example.org: no path, no *';

/** An origin (RFC 6454 section 6.2), written exactly as the `Origin` header has it. */
export const origin = z.string().max(300).refine(isOrigin, EXPECTED_ORIGIN);

/** The URL class writes what it read as browsers do: lower case, punycode, no port that the scheme implies. */
function isOrigin(text: string): boolean {
  if (!/^https?:\/\/[^*]+$/.test(text) || !URL.canParse(text)) return false;
  return new URL(text).origin === text;
}

import { z } from 'zod';
import { percentDecoded } from '../lib/percent-decoded';

const EXPECTED_URL = 'expected a URL such as redis://user:password@host:6379/0, or rediss:// for TLS';
const path = z.string().min(1);

/** `sources.redis`: where to subscribe. */
export const redis = z.strictObject({
  /** Redis' own form: user and password are percent-encoded, the path is the database that holds the status keys. */
  url: z.string().refine(isRedisUrl, EXPECTED_URL).meta({ secret: true }),
  /** Files, PEM. For `rediss:` where the system's authorities don't know the server, or it asks for a certificate. */
  ca: path.optional(),
  cert: path.optional(),
  key: path.optional(),
  /** Addresses of the coturns that are measured, as they listen; empty: all that write to this Redis. */
  servers: z.array(z.ipv4().or(z.ipv6())).max(1000).default([]),
});

function isRedisUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  if ([url.username, url.password].some((part) => percentDecoded(part) === undefined)) return false;
  return /^rediss?:$/.test(url.protocol) && url.hostname !== '' && /^(\/\d{0,9})?$/.test(url.pathname);
}

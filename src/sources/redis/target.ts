import { readFile } from 'node:fs/promises';
import type { Config } from '../../config/schema';
import { messageOf, UserError } from '../../lib/errors';

/** Where a Redis is, and who asks. */
export interface RedisTarget {
  readonly host: string;
  readonly port: number;
  /** undefined: Redis' `default`. */
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Where the status keys are; publishing knows no databases. */
  readonly database: number;
  readonly tls: RedisTls | undefined;
}

interface RedisTls {
  readonly servername?: string;
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

type RedisConfig = NonNullable<Config['sources']['redis']>;
const DEFAULT_PORT = 6379;

/** Reads the files that the configuration names. Throws UserError where one can't be read. */
export async function redisTarget(config: RedisConfig): Promise<RedisTarget> {
  const url = new URL(config.url);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return {
    host,
    port: url.port === '' ? DEFAULT_PORT : Number(url.port),
    username: decoded(url.username),
    password: decoded(url.password),
    database: Number(url.pathname.slice(1)),
    tls: url.protocol === 'rediss:' ? await readTls(config, host) : undefined,
  };
}

function decoded(text: string): string | undefined {
  return text === '' ? undefined : decodeURIComponent(text);
}

async function readTls({ ca, cert, key }: RedisConfig, host: string): Promise<RedisTls> {
  const [caText, certText, keyText] = await Promise.all([read('ca', ca), read('cert', cert), read('key', key)]);
  return {
    // An address is no server name (RFC 6066 section 3).
    ...(!/^[\d.]+$|:/.test(host) && { servername: host }),
    ...(caText && { ca: caText }),
    ...(certText && { cert: certText }),
    ...(keyText && { key: keyText }),
  };
}

async function read(name: string, path: string | undefined): Promise<Buffer | undefined> {
  if (path === undefined) return undefined;
  try {
    return await readFile(path);
  } catch (error) {
    throw new UserError('bad_config', `sources.redis.${name} can't be read: ${messageOf(error)}`, { cause: error });
  }
}

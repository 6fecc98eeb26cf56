import type { Service } from '../lib/services';
import type { Context } from './context';

/** Undefined where nobody is to be told which sessions ended abnormally. */
export async function createDigestService({ config, usage, clock, logger }: Context): Promise<Service | undefined> {
  if (!config.digest) return undefined;
  const { createDigest } = await import('../digest/create.js');
  return createDigest(config.digest, { usage: usage.store, dataDir: config.dataDir, clock, logger });
}

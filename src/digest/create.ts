import { hostname } from 'node:os';
import { join } from 'node:path';
import type { DigestConfig } from '../config/digest';
import type { Clock } from '../lib/clock';
import type { Logger } from '../lib/logger';
import type { Service } from '../lib/services';
import type { UsageReader } from '../usage/usage-store';
import type { Channel } from './channel';
import { DigestFile } from './digest-file';
import { DigestService } from './digest-service';
import { scheduleOf } from './period';
import { webhookChannel } from './webhook';

interface Surroundings {
  readonly usage: Pick<UsageReader, 'records'>;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The digest of a configuration that asks for one. What sends mails is loaded where mails are asked for. */
export async function createDigest(
  settings: DigestConfig,
  { usage, dataDir, clock, logger }: Surroundings,
): Promise<Service> {
  return new DigestService({
    channels: await channelsOf(settings),
    schedule: scheduleOf(settings),
    evenIfEmpty: settings.evenIfEmpty,
    usage,
    file: new DigestFile(join(dataDir, 'digest.json'), logger),
    agent: hostname(),
    clock,
    logger,
  });
}

async function channelsOf({ email, webhook }: DigestConfig): Promise<Channel[]> {
  const channels = webhook === undefined ? [] : [webhookChannel(webhook)];
  if (!email) return channels;
  const { mailChannel } = await import('./mail.js');
  return [...channels, mailChannel(email)];
}

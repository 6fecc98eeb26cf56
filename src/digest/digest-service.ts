import { within } from '../coturn/within';
import type { Clock } from '../lib/clock';
import { messageOf } from '../lib/errors';
import type { Logger } from '../lib/logger';
import { RegularWork } from '../lib/regular-work';
import type { Service } from '../lib/services';
import type { UsageReader } from '../usage/usage-store';
import type { Channel } from './channel';
import type { DigestFile, Told, ToldChannels } from './digest-file';
import { gather } from './gather';
import { lastPeriodEnd, retryDelay, type Schedule } from './period';

export interface DigestOptions {
  readonly channels: readonly Channel[];
  readonly schedule: Schedule;
  readonly evenIfEmpty: boolean;
  readonly usage: Pick<UsageReader, 'records'>;
  readonly file: DigestFile;
  /** The agent's host. */
  readonly agent: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

const LOOK_MS = 10_000;
const SEND_MS = 30_000;

interface Trouble {
  readonly failures: number;
  /** By `Clock.monotonic()`. */
  readonly nextTry: number;
}

/** Tells each channel once a period which sessions ended abnormally; again later where that fails. */
export class DigestService implements Service {
  readonly name = 'digest';
  private readonly regular = new RegularWork();
  private told: ToldChannels = {};
  private readonly troubles = new Map<Channel['name'], Trouble>();

  constructor(private readonly options: DigestOptions) {}

  async start(): Promise<void> {
    const { clock, logger } = this.options;
    await this.begin();
    const look = (): Promise<void> => this.look();
    this.regular.start(clock, LOOK_MS, look, (error) => {
      logger.error({ why: messageOf(error) }, 'the digest could not be looked after');
    });
  }

  stop(): Promise<void> {
    return this.regular.stop();
  }

  /** A channel that is new is told of what ends from now on, also over the next restart. */
  private async begin(): Promise<void> {
    const { file, channels, clock, logger } = this.options;
    this.told = await file.read();
    const now = clock.now();
    for (const { name } of channels) this.told[name] ??= { until: now, from: now };
    await file.write(this.told).catch((error: unknown) => {
      logger.warn({ why: messageOf(error) }, 'where digests begin could not be noted: it is when they are sent');
    });
  }

  /** One after the other: they write the same file. */
  private async look(): Promise<void> {
    const now = this.options.clock.now();
    for (const channel of this.options.channels) {
      const kept = this.told[channel.name];
      if (!kept) continue;
      // What a clock that was ahead has noted would keep the channel silent until the time comes.
      const told = { ...kept, until: Math.min(kept.until, now), from: Math.min(kept.from, now) };
      this.told[channel.name] = told;
      if (this.isDue(channel, told)) await this.tried(channel, told);
    }
  }

  private isDue({ name }: Channel, { until }: Told): boolean {
    const { clock, schedule } = this.options;
    const trouble = this.troubles.get(name);
    if (trouble && clock.monotonic() < trouble.nextTry) return false;
    return lastPeriodEnd(clock.now(), schedule) > until;
  }

  private async tried(channel: Channel, told: Told): Promise<void> {
    const { clock, logger } = this.options;
    const failures = (this.troubles.get(channel.name)?.failures ?? 0) + 1;
    try {
      await this.tell(channel, told);
      this.troubles.delete(channel.name);
    } catch (error) {
      if (this.regular.signal.aborted) return;
      const delay = retryDelay(failures);
      this.troubles.set(channel.name, { failures, nextTry: clock.monotonic() + delay });
      const what = { channel: channel.name, why: messageOf(error), retrySeconds: delay / 1000 };
      logger.warn(what, 'the digest could not be sent: it is tried again');
    }
  }

  private async tell(channel: Channel, told: Told): Promise<void> {
    const { usage, agent, clock, logger, schedule, evenIfEmpty, file } = this.options;
    const to = clock.now();
    const builder = await gather(usage, told);
    const digest = builder.digest(agent, { end: lastPeriodEnd(to, schedule), from: told.until, to });
    if (digest.total > 0 || evenIfEmpty) {
      await within(clock, SEND_MS, (late) => channel.send(digest, AbortSignal.any([late, this.regular.signal])));
      logger.info({ channel: channel.name, sessions: digest.total }, 'the digest was sent');
    }
    this.told[channel.name] = { until: to, from: told.from, last: builder.last ?? told.last };
    await file.write(this.told);
  }
}

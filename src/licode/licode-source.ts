import type { Config } from '../config/schema';
import type { Clock } from '../lib/clock';
import { messageOf, systemCode } from '../lib/errors';
import type { Logger } from '../lib/logger';
import type { Service } from '../lib/services';
import type { FailureSource, Layer } from '../webrtc/layers';
import { connectBroker, type BrokerLink } from './broker-link';
import type { Kind } from './components';
import { FailureTally } from './failure-tally';
import { FLAVOURS, gaugesOf, type Flavour } from './flavour';
import { gather, type Gathering } from './gathering';
import type { Gauge } from './question';
import { noRejections } from './rejections';
import { RovSessions } from './rov-sessions';
import type { RpcClient } from './rpc-client';
import { firstAbort, withinTime } from './waiting';

export interface LicodeSourceOptions {
  readonly settings: NonNullable<Config['licode']>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A gauge as it was gathered last; undefined while nobody who knows it has answered. */
export type GatheredGauge = Pick<Gauge, 'name' | 'help'> & { readonly value: number | undefined };

const MAX_RECONNECT_MS = 30_000;
/** What was asked when the agent stops may be answered still: a session that opens just now could not be closed else. */
const GRACE_MS = 1_000;

/** 1 s after the first failure, then twice as long each time, half a minute at most. */
export function reconnectDelayMs(failures: number): number {
  return Math.min(MAX_RECONNECT_MS, 1_000 * 2 ** (failures - 1));
}

/** Asks licode's or mediasoup-signal's components, over RabbitMQ, what the original ROV exporter asks them. */
export class LicodeSource implements Service, FailureSource {
  readonly name = 'licode';
  readonly source = 'licode';
  /** Answers that were refused, by reason. */
  readonly rejected = noRejections();
  /** Before the gauges' names. */
  readonly prefix: string;
  /** When nuve answered last and its components were asked, milliseconds since the epoch. */
  lastSuccessAt: number | undefined;
  private readonly flavour: Flavour;
  private readonly sessions = new RovSessions();
  private readonly failures = new FailureTally();
  private readonly ended = new AbortController();
  private running: Promise<void> = Promise.resolve();
  /** undefined when the last one did not succeed, or the connection is lost. */
  private last: Gathering | undefined;
  private told: string | undefined;

  constructor(private readonly options: LicodeSourceOptions) {
    this.flavour = FLAVOURS[options.settings.flavour];
    this.prefix = options.settings.prefix;
  }

  /** Waits for nothing: a broker that is away is looked for in the background. */
  start(): Promise<void> {
    this.running = this.run();
    return Promise.resolve();
  }

  /** The sessions that are open are closed before the connection; what does not answer is waited for a second each time. */
  async stop(): Promise<void> {
    this.ended.abort(new Error('the agent stops'));
    await this.running;
  }

  /** Whether RabbitMQ is connected and the last gathering found licode there. */
  get up(): boolean {
    return this.last !== undefined;
  }

  get gauges(): readonly GatheredGauge[] {
    return gaugesOf(this.flavour).map(({ name, help }) => ({ name, help, value: this.last?.values.get(name) }));
  }

  /** The components that were asked last, by kind and by whether they answered everything. */
  get components(): readonly { readonly kind: Kind; readonly answered: number; readonly unanswered: number }[] {
    return this.flavour.map(({ kind }) => {
      const { answered, unanswered } = this.last?.components.get(kind) ?? { answered: 0, unanswered: 0 };
      return { kind, answered, unanswered };
    });
  }

  get recent(): Readonly<Record<Layer, number>> {
    return this.failures.recent;
  }

  get total(): Readonly<Record<Layer, number>> {
    return this.failures.total;
  }

  private async run(): Promise<void> {
    const { clock } = this.options;
    const { signal } = this.ended;
    for (let failures = 1; !signal.aborted; failures++) {
      const served = await this.connectAndServe();
      if (served) failures = 1;
      await clock.sleep(reconnectDelayMs(failures), signal).catch(() => undefined);
    }
  }

  /** Whether there was a connection; it is over now. Never rejects. */
  private async connectAndServe(): Promise<boolean> {
    const { settings, clock } = this.options;
    try {
      const link = await connectBroker({
        url: settings.amqp,
        clock,
        rejections: this.rejected,
        signal: this.ended.signal,
      });
      await this.serve(link);
      this.tell(link.lost.reason);
      return true;
    } catch (error) {
      this.tell(error);
      return false;
    }
  }

  /** Gathers until the connection is lost or the agent stops. */
  private async serve(link: BrokerLink): Promise<void> {
    const { clock, logger } = this.options;
    logger.info('connected to the RabbitMQ of licode');
    this.told = undefined;
    const over = new AbortController();
    const rounds = this.gatherUntil(over.signal, link.rpc);
    await firstAbort([link.lost, this.ended.signal]);
    over.abort();
    await withinTime(rounds, GRACE_MS, clock);
    link.rpc.giveUp();
    await rounds;
    this.last = undefined;
    // Of the time without a connection nobody tells: the last interval's failures must not stand for it.
    this.failures.endInterval();
    await link.close();
  }

  private async gatherUntil(signal: AbortSignal, rpc: RpcClient): Promise<void> {
    const { clock, settings } = this.options;
    while (!signal.aborted) {
      const begun = clock.monotonic();
      await this.gatherOnce(signal, rpc);
      const rest = settings.interval * 1000 - (clock.monotonic() - begun);
      await clock.sleep(Math.max(0, rest), signal).catch(() => undefined);
    }
  }

  private async gatherOnce(signal: AbortSignal, rpc: RpcClient): Promise<void> {
    const { failures, sessions, rejected, options } = this;
    this.last = await gather(this.flavour, { rpc, sessions, failures, rejections: rejected, signal });
    failures.endInterval();
    if (this.last && !signal.aborted) this.lastSuccessAt = options.clock.now();
  }

  /** Each cause once, until there was a connection again. */
  private tell(error: unknown): void {
    const why = messageOf(error) || (systemCode(error) ?? 'unknown');
    if (this.ended.signal.aborted || why === this.told) return;
    this.told = why;
    this.options.logger.warn({ why }, 'the RabbitMQ of licode is away: it is tried again until it answers');
  }
}

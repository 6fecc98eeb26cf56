import type { Clock } from '../lib/clock';
import type { Logger } from '../lib/logger';
import type { Collector, MetricFamily } from './collector';

/** What one collector gave to one scrape. */
export interface Outcome {
  readonly collector: string;
  readonly success: boolean;
  /** Empty without success. */
  readonly families: readonly MetricFamily[];
  /** How long the scrape had to wait for it. */
  readonly durationSeconds: number;
}

/**
 * The failure boundary of one collector: times it, gives it up when it is late, and tells the log when it begins to
 * fail and when it works again. A collector that was given up and has not ended yet is not started a second time.
 */
export class CollectorRunner {
  readonly name: string;
  private run: Promise<Outcome> | undefined;
  private hanging = false;
  private failing = false;

  constructor(
    private readonly collector: Collector,
    private readonly clock: Clock,
    private readonly logger: Logger,
    private readonly timeoutMs: number,
  ) {
    this.name = collector.name;
  }

  /** Never rejects. Whoever asks while a run is under way shares it. */
  collect(): Promise<Outcome> {
    this.run ??= this.runOnce().finally(() => {
      this.run = undefined;
    });
    return this.run;
  }

  private async runOnce(): Promise<Outcome> {
    const startedAt = this.clock.monotonic();
    const outcome = (success: boolean, families: readonly MetricFamily[]): Outcome => ({
      collector: this.name,
      success,
      families,
      durationSeconds: (this.clock.monotonic() - startedAt) / 1000,
    });
    try {
      const families = await this.beforeDeadline();
      this.succeeded();
      return outcome(true, families);
    } catch (error) {
      this.failed(error);
      return outcome(false, []);
    }
  }

  private async beforeDeadline(): Promise<readonly MetricFamily[]> {
    if (this.hanging) throw new Error('it has not ended since an earlier scrape gave it up');
    const givenUp = new AbortController();
    const answered = new AbortController();
    const late = this.clock.sleep(this.timeoutMs, answered.signal).then(() => {
      throw new Error(`it did not answer within ${this.timeoutMs} ms`);
    });
    try {
      return await Promise.race([this.start(givenUp.signal), late]);
    } catch (error) {
      givenUp.abort(error);
      throw error;
    } finally {
      answered.abort();
    }
  }

  private async start(signal: AbortSignal): Promise<readonly MetricFamily[]> {
    this.hanging = true;
    try {
      return await this.collector.collect(signal);
    } finally {
      this.hanging = false;
    }
  }

  private succeeded(): void {
    if (this.failing) this.logger.info({ collector: this.name }, 'a collector works again');
    this.failing = false;
  }

  private failed(error: unknown): void {
    if (!this.failing)
      this.logger.warn({ collector: this.name, err: error }, 'a collector failed: its metrics are left out');
    this.failing = true;
  }
}

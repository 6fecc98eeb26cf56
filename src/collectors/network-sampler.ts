import { join } from 'node:path';
import type { Clock } from '../lib/clock';
import type { Logger } from '../lib/logger';
import type { Service } from '../lib/services';
import { nextRates, type DeviceRates } from './network-rate';
import { parseNetDev } from './proc-net-dev';
import { readText, type SystemRoots } from './system-files';

/** Long enough to even out bursts, short enough that a relay that fills up is seen before the next assignment to it. */
const INTERVAL_MS = 5000;

/** Measures how fast the network devices are, at its own pace: however often a scrape comes, a rate means the same. */
export class NetworkSampler implements Service {
  readonly name = 'network sampler';
  private rates: DeviceRates = new Map();
  private ended = new AbortController();
  private sampling = Promise.resolve();
  private failing = false;

  constructor(
    private readonly roots: SystemRoots,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Bytes per second, the larger of receive and transmit; undefined in the first 5 s of a device. */
  rateOf(device: string): number | undefined {
    return this.rates.get(device)?.bytesPerSecond;
  }

  async start(): Promise<void> {
    this.ended = new AbortController();
    const { signal } = this.ended;
    const sample = (): Promise<void> => (this.sampling = this.sample(signal));
    await sample();
    this.clock.every(INTERVAL_MS, sample, signal, (error) => {
      this.failed(error);
    });
  }

  async stop(): Promise<void> {
    this.ended.abort();
    await this.sampling;
  }

  private async sample(signal: AbortSignal): Promise<void> {
    try {
      const text = await readText(join(this.roots.proc, 'net/dev'), signal);
      this.rates = nextRates(this.rates, parseNetDev(text), this.clock.monotonic());
      this.failing = false;
    } catch (error) {
      if (!signal.aborted) this.failed(error);
    }
  }

  /** Old rates would go on looking fresh: none is better. */
  private failed(error: unknown): void {
    this.rates = new Map();
    if (!this.failing) this.logger.warn({ err: error }, 'the network rate is not known: /proc/net/dev cannot be read');
    this.failing = true;
  }
}

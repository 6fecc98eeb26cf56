import type { Clock } from '../lib/clock';
import { checkBinding, type StunEndpoint } from './binding-check';
import { checkTimes, judge, type Verdict } from './liveness';

export interface WatchdogOptions {
  readonly stun: StunEndpoint;
  readonly clock: Clock;
  readonly unresponsiveAfterMs: number;
  /** Monotonic milliseconds of the last heartbeat. */
  readonly lastHeartbeat: () => number | undefined;
}

/** Asks one life of coturn again and again whether it still answers. */
export class Watchdog {
  private readonly watchedSince: number;
  private lastAnswer: number | undefined;
  private failedChecks = 0;
  /** Since when no check was answered, milliseconds since the epoch; undefined while coturn answers. */
  silentSince: number | undefined;

  constructor(private readonly options: WatchdogOptions) {
    this.watchedSince = options.clock.monotonic();
    this.silentSince = options.clock.now();
  }

  async check(signal: AbortSignal): Promise<Verdict> {
    const { stun, clock, unresponsiveAfterMs } = this.options;
    const answer = await checkBinding(stun, clock, checkTimes(unresponsiveAfterMs).timeoutMs, signal);
    if (answer) this.answered();
    else this.failed();
    const { watchedSince, lastAnswer, failedChecks } = this;
    const signs = { watchedSince, lastAnswer, failedChecks, lastHeartbeat: this.options.lastHeartbeat() };
    return judge(signs, clock.monotonic(), unresponsiveAfterMs);
  }

  answered(): void {
    this.lastAnswer = this.options.clock.monotonic();
    this.failedChecks = 0;
    this.silentSince = undefined;
  }

  private failed(): void {
    this.failedChecks += 1;
    this.silentSince ??= this.options.clock.now();
  }
}

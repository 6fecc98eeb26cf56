import type { LoggedAllocation } from '../coturn/log-allocation-sums';
import type { Clock } from '../lib/clock';
import type { Relay } from '../turn/relay';
import type { LogLife } from './log-lives';
import type { LeftOut } from './log-search';
import { recoveredFrom } from './recovered-from';

/** Puts what the log tells of allocations into the relay. */
export class GapFiller {
  /** How many allocations came to light. */
  recovered = 0;
  /** Whether what ends in the relay just now ends because the log says so. */
  isFilling = false;

  constructor(
    private readonly relay: Relay,
    private readonly clock: Clock,
    /** What is left out of what the log tells. */
    readonly leftOut: LeftOut,
  ) {}

  /** `diedAt`: when coturn died with what the log does not say to have ended; undefined while it lives. */
  fill(found: readonly LoggedAllocation[], life: LogLife, origin: number, diedAt: number | undefined): void {
    const { relay, clock } = this;
    const recovered = found.flatMap((logged) => {
      if (!logged.complete) this.leftOut.incomplete++;
      const isKnown = relay.knows(origin, logged.high, logged.low);
      return recoveredFrom(logged, { life, origin, diedAt, isKnown, clock }) ?? [];
    });
    this.isFilling = true;
    const contradicted = relay.recover(recovered, clock.monotonic());
    this.isFilling = false;
    this.recovered += recovered.length - contradicted;
    this.leftOut.contradiction += contradicted;
  }
}

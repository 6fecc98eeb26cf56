import { byteText } from '../../coturn/byte-pattern';
import { StatsChannel, statusKey } from '../../coturn/stats-channel';
import type { Relay } from '../../turn/relay';
import { globMatches } from './glob';

/** More allocations than this are not listed: the answer is made in one piece. */
const MAX_LISTED = 20_000;

/** The status keys that coturn believes it keeps: read from the open allocations, so that there are no stale ones. */
export class KeySpace {
  private readonly channel = new StatsChannel();

  constructor(private readonly relay: Relay) {}

  /** undefined: there are more allocations than an answer should hold. */
  matching(pattern: string): string[] | undefined {
    if (this.relay.openAllocations > MAX_LISTED) return undefined;
    return [...this.relay.view.allocations()]
      .map((slot) => this.keyOf(slot))
      .filter((key) => globMatches(pattern, key));
  }

  /** The value of a status key at `now`, the lifetime being what is left of it; undefined where there is none. */
  get(key: string, now: number): string | undefined {
    const text = byteText(Buffer.from(key));
    if (!this.channel.parse(text, 0, text.buffer.length)) return undefined;
    const slot = this.relay.view.withId(this.channel.high, this.channel.low).find((found) => this.keyOf(found) === key);
    if (slot === undefined) return undefined;
    const { lifetimeSeconds, transport, remote } = this.relay.view.allocation(slot, now);
    return `lifetime=${lifetimeSeconds}, type=${transport.toUpperCase()}, remote=${remote}`;
  }

  private keyOf(slot: number): string {
    return statusKey(this.relay.view.principalOf(slot), this.relay.view.idOf(slot));
  }
}

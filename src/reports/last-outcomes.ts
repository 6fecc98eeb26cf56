import type { Layer } from '../webrtc/layers';
import type { Outcome } from './report';

/** What was last counted of a layer of one connection. */
interface Counted {
  readonly last: Outcome;
  /** Beyond interruptions: whether it came about or failed. */
  readonly settled: Outcome | undefined;
}

/** Tells a change of a connection from what was reported of it before. Bounded: the connection longest unheard is forgotten. */
export class LastOutcomes {
  private readonly counted = new Map<string, Counted>();

  constructor(private readonly limit: number) {}

  /**
   * Whether this is news. A failure counts again only after the connection came about again, as by an ICE restart; and a
   * connection that comes back from an interruption is the same success.
   */
  isNews(id: string, layer: Layer, outcome: Outcome): boolean {
    const key = `${layer} ${id}`;
    const before = this.counted.get(key);
    const isNews = outcome !== (outcome === 'disconnected' ? before?.last : before?.settled);
    this.counted.delete(key);
    this.counted.set(key, { last: outcome, settled: outcome === 'disconnected' ? before?.settled : outcome });
    if (this.counted.size > this.limit) this.forgetOldest();
    return isNews;
  }

  private forgetOldest(): void {
    for (const oldest of this.counted.keys()) {
      this.counted.delete(oldest);
      return;
    }
  }
}

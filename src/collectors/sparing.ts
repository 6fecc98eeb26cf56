import type { Clock } from '../lib/clock';

interface Answer<Key, Value> {
  readonly key: Key;
  readonly value: Promise<Value>;
  readonly validUntilMs: number;
}

/** Bounds what a costly reading may cost: its last answer, a failure too, stands for a while that grows with its cost. */
export class Sparing<Key, Value> {
  private last: Answer<Key, Value> | undefined;

  constructor(
    private readonly clock: Clock,
    /** An answer stands for this many times as long as it took. */
    private readonly restFactor: number,
  ) {}

  /** What `read` gives now, or gave lately for the same key. Not to be called again before it has answered. */
  async get(key: Key, read: () => Promise<Value>): Promise<Value> {
    const startedAt = this.clock.monotonic();
    if (this.last?.key === key && startedAt < this.last.validUntilMs) return this.last.value;
    const value = read();
    try {
      return await value;
    } finally {
      const endedAt = this.clock.monotonic();
      this.last = { key, value, validUntilMs: endedAt + this.restFactor * (endedAt - startedAt) };
    }
  }
}

/** A map of at most `max` entries: a new one makes the oldest go. */
export class BoundedMap<K, V> {
  private readonly entries = new Map<K, V>();

  constructor(
    private readonly max: number,
    private readonly onForgotten: (value: V) => void = () => undefined,
  ) {}

  get size(): number {
    return this.entries.size;
  }

  get(key: K): V | undefined {
    return this.entries.get(key);
  }

  set(key: K, value: V): void {
    this.entries.set(key, value);
    if (this.entries.size <= this.max) return;
    for (const [oldest, forgotten] of this.entries) {
      this.entries.delete(oldest);
      this.onForgotten(forgotten);
      return;
    }
  }

  /** Gives it, and forgets it. */
  take(key: K): V | undefined {
    const value = this.entries.get(key);
    this.entries.delete(key);
    return value;
  }
}

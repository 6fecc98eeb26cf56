/** An allocation of one life of coturn; its id, 18 digits, in two numbers of nine. */
export interface LifeAllocation {
  readonly life: number;
  readonly high: number;
  readonly low: number;
}

/** It as a text that no other allocation has. */
export function keyOf({ life, high, low }: LifeAllocation): string {
  return `${life}-${high}-${low}`;
}

/**
 * Something about each of many allocations. A few lives and relay threads (which are the first digits of an id) hold
 * all of them, so that each costs one entry of a map of numbers.
 */
export class LifeMap<Value> {
  private readonly lives = new Map<number, Map<number, Map<number, Value>>>();
  private count = 0;

  get size(): number {
    return this.count;
  }

  get({ life, high, low }: LifeAllocation): Value | undefined {
    return this.lives.get(life)?.get(high)?.get(low);
  }

  /** Puts it behind all others of its relay thread. */
  set(allocation: LifeAllocation, value: Value): void {
    this.delete(allocation);
    const { life, high, low } = allocation;
    const threads = this.lives.get(life) ?? new Map<number, Map<number, Value>>();
    const values = threads.get(high) ?? new Map<number, Value>();
    this.lives.set(life, threads.set(high, values.set(low, value)));
    this.count++;
  }

  /** Whether it was there. */
  delete({ life, high, low }: LifeAllocation): boolean {
    const threads = this.lives.get(life);
    const values = threads?.get(high);
    if (values?.delete(low) !== true) return false;
    this.count--;
    if (values.size === 0) threads?.delete(high);
    if (threads?.size === 0) this.lives.delete(life);
    return true;
  }

  /** Deletes, for each relay thread, from the oldest on those that the test holds for. */
  deleteWhile(test: (value: Value) => boolean): void {
    for (const [life, threads] of this.lives) {
      for (const [high, values] of threads) {
        for (const [low, value] of values) {
          if (!test(value)) break;
          this.delete({ life, high, low });
        }
      }
    }
  }

  /** All of them, those of one relay thread in the order in which they were set. */
  *keys(): Generator<LifeAllocation> {
    for (const [life, threads] of this.lives) {
      for (const [high, values] of threads) for (const low of values.keys()) yield { life, high, low };
    }
  }
}

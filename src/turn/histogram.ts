/** Counts of values by upper bound, as a Prometheus histogram holds them. */
export class Histogram {
  /** Not cumulative; one more than `bounds`, the last for what is above them all. */
  private readonly buckets: Float64Array;
  private total = 0;

  constructor(readonly bounds: readonly number[]) {
    this.buckets = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    let bucket = 0;
    while (bucket < this.bounds.length && value > (this.bounds[bucket] ?? Infinity)) bucket++;
    this.buckets[bucket] = (this.buckets[bucket] ?? 0) + 1;
    this.total += value;
  }

  get sum(): number {
    return this.total;
  }

  /** How many values were at most each bound; the last is the count of all. */
  cumulative(): number[] {
    let running = 0;
    return Array.from(this.buckets, (count) => (running += count));
  }
}

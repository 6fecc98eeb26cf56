/** One value that was observed, and the trace that tells how it came about. */
export interface Exemplar {
  readonly value: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly traceId: string;
  readonly spanId: string;
}

/** Counts of values by upper bound, as a Prometheus histogram holds them. */
export class Histogram {
  /** Not cumulative; one more than `bounds`, the last for what is above them all. */
  private readonly buckets: Float64Array;
  /** The last of each bucket; made with the first. */
  private examples: (Exemplar | undefined)[] | undefined;
  private total = 0;

  constructor(readonly bounds: readonly number[]) {
    this.buckets = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    const bucket = this.bucketOf(value);
    this.buckets[bucket] = (this.buckets[bucket] ?? 0) + 1;
    this.total += value;
  }

  /** An example of a value that was observed. */
  note(exemplar: Exemplar): void {
    this.examples ??= new Array<Exemplar | undefined>(this.buckets.length).fill(undefined);
    this.examples[this.bucketOf(exemplar.value)] = exemplar;
  }

  /** The last example of a bucket, by its number. */
  exemplar(bucket: number): Exemplar | undefined {
    return this.examples?.[bucket];
  }

  get sum(): number {
    return this.total;
  }

  /** How many values were at most each bound; the last is the count of all. */
  cumulative(): number[] {
    let running = 0;
    return Array.from(this.buckets, (count) => (running += count));
  }

  private bucketOf(value: number): number {
    let bucket = 0;
    while (bucket < this.bounds.length && value > (this.bounds[bucket] ?? Infinity)) bucket++;
    return bucket;
  }
}

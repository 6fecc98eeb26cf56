/** What a measurement found out; p50 and p99 in milliseconds. */
export interface Measured {
  readonly aSecond: number;
  readonly p50: number;
  readonly p99: number;
}

/** `latencies`: of each that was done within `forMs`, milliseconds. */
export function measured(latencies: readonly number[], forMs: number): Measured {
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (part: number): number => sorted[Math.floor(sorted.length * part)] ?? NaN;
  return { aSecond: sorted.length / (forMs / 1000), p50: at(0.5), p99: at(0.99) };
}

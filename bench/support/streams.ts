import type { StreamOptions } from './coturn-stream';

const LIVES = 40_000;

/** Whole lives of allocations, 10,000 of them open at a time; each round has others. */
export function livesOf(round: number): StreamOptions {
  return {
    part: 'life',
    first: round * LIVES,
    allocations: LIVES,
    concurrent: 10_000,
    reports: 6,
    allocationsPerUser: 4,
  };
}

const SLICE = 100_000;

/** Opens allocations numbered from `first` to below `end`, and reports traffic of each once; in slices that fit into memory. */
export function openings(first: number, end: number, allocationsPerUser: number): StreamOptions[] {
  const slices: StreamOptions[] = [];
  for (let from = first; from < end; from += SLICE) {
    const allocations = Math.min(SLICE, end - from);
    slices.push({
      part: 'opening',
      first: from,
      allocations,
      concurrent: allocations,
      reports: 1,
      allocationsPerUser,
    });
  }
  return slices;
}

import type { NetworkStatus } from './network';

const BYTES_PER_MEGABIT = 125_000;

/** What the relay can carry still: of several devices, the one with the least room decides. */
export interface NetworkRoom {
  readonly freeMbps: number;
  /** Used part of its capacity, 0 to 1. */
  readonly load: number;
}

/** undefined where no device's capacity and rate are known. */
export function roomOf(
  status: readonly Pick<NetworkStatus, 'capacityBytesPerSecond' | 'freeBytesPerSecond'>[],
): NetworkRoom | undefined {
  return status
    .flatMap(({ capacityBytesPerSecond: capacity, freeBytesPerSecond: free }) =>
      capacity === undefined || free === undefined
        ? []
        : [{ freeMbps: free / BYTES_PER_MEGABIT, load: 1 - free / capacity }],
    )
    .sort((a, b) => a.freeMbps - b.freeMbps)[0];
}

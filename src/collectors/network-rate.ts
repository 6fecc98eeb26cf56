import type { DeviceCounters } from './proc-net-dev';

/** How fast one device was in the last interval that could be measured. */
interface DeviceRate {
  readonly atMs: number;
  readonly counters: DeviceCounters;
  /** The larger of receive and transmit; undefined until one interval was measured. */
  readonly bytesPerSecond: number | undefined;
}

export type DeviceRates = ReadonlyMap<string, DeviceRate>;

/**
 * The rates after another reading of the counters, taken at `atMs` of a clock that never goes back. A device that is
 * gone is forgotten: should it come back, it is measured anew.
 */
export function nextRates(
  previous: DeviceRates,
  counters: ReadonlyMap<string, DeviceCounters>,
  atMs: number,
): DeviceRates {
  const rates = new Map<string, DeviceRate>();
  for (const [device, current] of counters) {
    const before = previous.get(device);
    const bytesPerSecond = before && (measure(before, current, atMs) ?? before.bytesPerSecond);
    rates.set(device, { atMs, counters: current, bytesPerSecond });
  }
  return rates;
}

/**
 * Undefined when a counter went back. A driver that was loaded again looks the same as a 32-bit counter that wrapped,
 * so the interval says nothing, and the last rate stands for it.
 */
function measure(before: DeviceRate, current: DeviceCounters, atMs: number): number | undefined {
  const received = current.receive.bytes - before.counters.receive.bytes;
  const transmitted = current.transmit.bytes - before.counters.transmit.bytes;
  const seconds = (atMs - before.atMs) / 1000;
  if (received < 0 || transmitted < 0 || seconds <= 0) return undefined;
  return Math.max(received, transmitted) / seconds;
}

/** A full-duplex card has its capacity in each direction, and the fuller direction decides. Never below 0. */
export function freeBytesPerSecond(capacityBytesPerSecond: number, usedBytesPerSecond: number): number {
  return Math.max(0, capacityBytesPerSecond - usedBytesPerSecond);
}

/** What the kernel has counted for one network device since it appeared. */
export interface DeviceCounters {
  readonly receive: DirectionCounters;
  readonly transmit: DirectionCounters;
}

export interface DirectionCounters {
  readonly bytes: number;
  readonly packets: number;
  readonly errors: number;
  /** Received: also those that the card had no buffer for. */
  readonly drops: number;
}

/** In each direction bytes, packets, errs and drop come first of eight columns (dev_seq_printf_stats, net/core/net-procfs.c). */
const COLUMNS_PER_DIRECTION = 8;

/** Reads /proc/net/dev: the counters by device name. */
export function parseNetDev(text: string): ReadonlyMap<string, DeviceCounters> {
  const devices = new Map<string, DeviceCounters>();
  for (const line of text.split('\n')) {
    const match = /^\s*([^\s:]+):\s*(\d[\d\s]*)$/.exec(line);
    const columns = match?.[2]?.trim().split(/\s+/).map(Number) ?? [];
    if (match?.[1] === undefined || columns.length < 2 * COLUMNS_PER_DIRECTION) continue;
    devices.set(match[1], { receive: direction(columns, 0), transmit: direction(columns, COLUMNS_PER_DIRECTION) });
  }
  return devices;
}

function direction(columns: readonly number[], first: number): DirectionCounters {
  const [bytes = 0, packets = 0, errors = 0, drops = 0] = columns.slice(first);
  return { bytes, packets, errors, drops };
}

/** What one CPU's softirq did with packets that came in, modulo 2^32 as the kernel counts. */
export interface SoftnetCounts {
  readonly processed: number;
  /** The CPU's backlog was full (net.core.netdev_max_backlog). */
  readonly dropped: number;
  /** Times that the softirq stopped with packets left, its budget spent (net.core.netdev_budget). */
  readonly squeezed: number;
}

export type SoftnetByCpu = ReadonlyMap<string, SoftnetCounts>;

export const NO_COUNTS: SoftnetCounts = { processed: 0, dropped: 0, squeezed: 0 };

/** The counters come first, the CPU's number is the 13th column of kernels that tell it (softnet_seq_show, net/core/net-procfs.c). */
const CPU_COLUMN = 12;

/** Reads /proc/net/softnet_stat: a line of hexadecimal columns for each CPU that is online. Throws when it is no such file. */
export function parseSoftnetStat(text: string): SoftnetByCpu {
  const rows = text.split('\n').filter((line) => line !== '');
  const perCpu = rows.map((row, index): [string, SoftnetCounts] => {
    const columns = row.trim().split(/\s+/);
    const [processed = NaN, dropped = NaN, squeezed = NaN] = columns.map((column) => Number(`0x${column}`));
    if (Number.isNaN(processed + dropped + squeezed))
      throw new Error('/proc/net/softnet_stat has a line of other form');
    // Without its number a CPU is known by its place, as long as none comes or goes.
    return [columns[CPU_COLUMN] ?? `${index} of ${rows.length}`, { processed, dropped, squeezed }];
  });
  return new Map(perCpu);
}

/** What all CPUs together counted between two readings that lie less than 2^32 of any count apart. */
export function softnetIncrease(before: SoftnetByCpu, now: SoftnetByCpu): SoftnetCounts {
  return [...now].reduce((sum, [cpu, counts]) => {
    const last = before.get(cpu) ?? counts;
    const added = (kind: keyof SoftnetCounts): number => sum[kind] + ((counts[kind] - last[kind]) >>> 0);
    return { processed: added('processed'), dropped: added('dropped'), squeezed: added('squeezed') };
  }, NO_COUNTS);
}

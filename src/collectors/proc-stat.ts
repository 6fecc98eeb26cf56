/** The kernel counts a process' time in USER_HZ ticks, 100 a second wherever Node.js runs (include/asm-generic/param.h). */
const TICKS_PER_SECOND = 100;

/** What /proc/<pid>/stat tells. */
export interface ProcessTimes {
  /** In user and in system mode, all threads. */
  readonly cpuSeconds: number;
  readonly startedAfterBootSeconds: number;
}

/**
 * The second field is the program's name in parentheses and may itself hold any character, so fields are counted from
 * the last parenthesis: 14 utime, 15 stime, 22 starttime (proc_pid_stat(5)). Throws when they are not there.
 */
export function parseProcessStat(text: string): ProcessTimes {
  const fromThird = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = (field: number): number => {
    const value = fromThird[field - 3];
    if (value === undefined || !/^\d+$/.test(value)) throw new Error(`/proc/<pid>/stat has no field ${field}`);
    return Number(value);
  };
  return {
    cpuSeconds: (ticks(14) + ticks(15)) / TICKS_PER_SECOND,
    startedAfterBootSeconds: ticks(22) / TICKS_PER_SECOND,
  };
}

/** When the machine booted, seconds since the Unix epoch, from /proc/stat. Throws when it is not there. */
export function parseBootTime(text: string): number {
  const bootTime = /^btime (\d+)$/m.exec(text)?.[1];
  if (bootTime === undefined) throw new Error('/proc/stat has no btime');
  return Number(bootTime);
}

/** The kernel counts a process' time in USER_HZ ticks, 100 a second wherever Node.js runs (include/asm-generic/param.h). */
const TICKS_PER_SECOND = 100;

/**
 * The CPU time in /proc/<pid>/stat, seconds: user and system mode, all threads. The second field is the program's name
 * in parentheses and may itself hold any character, so fields are counted from the last parenthesis: 14 utime, 15 stime
 * (proc_pid_stat(5)). Throws when they are not there.
 */
export function parseCpuSeconds(text: string): number {
  const fromThird = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = (field: number): number => {
    const value = fromThird[field - 3];
    if (value === undefined || !/^\d+$/.test(value)) throw new Error(`/proc/<pid>/stat has no field ${field}`);
    return Number(value);
  };
  return (ticks(14) + ticks(15)) / TICKS_PER_SECOND;
}

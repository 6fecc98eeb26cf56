import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../lib/errors';
import { single, type Collector, type MetricFamily } from './collector';
import { parseBootTime, parseProcessStat } from './proc-stat';
import { parseStatus } from './proc-status';
import { ifPresent, readText, type SystemRoots } from './system-files';

/** coturn's process; no series while there is none. */
export function processCollector(roots: SystemRoots, coturnPid: () => number | undefined): Collector {
  return {
    name: 'process',
    async collect(signal) {
      const pid = coturnPid();
      if (pid === undefined) return [];
      return (await ifPresent(readProcess(roots.proc, pid, signal))) ?? [];
    },
  };
}

async function readProcess(proc: string, pid: number, signal: AbortSignal): Promise<readonly MetricFamily[]> {
  const folder = join(proc, String(pid));
  const [stat, status, limits, boot, openFds] = await Promise.all([
    readText(join(folder, 'stat'), signal),
    readText(join(folder, 'status'), signal),
    readText(join(folder, 'limits'), signal),
    readText(join(proc, 'stat'), signal),
    countFds(join(folder, 'fd')),
  ]);
  const { cpuSeconds, startedAfterBootSeconds } = parseProcessStat(stat);
  const { residentBytes, threads } = parseStatus(status);
  return [
    single('counter', 'coturn_process_cpu_seconds_total', "CPU time of coturn's process, user and system.", cpuSeconds),
    ...gauge('coturn_process_resident_memory_bytes', "Resident memory of coturn's process.", residentBytes),
    ...gauge('coturn_process_open_fds', "Open file descriptors of coturn's process.", openFds),
    ...gauge('coturn_process_max_fds', "Limit of open file descriptors of coturn's process.", parseMaxFds(limits)),
    ...gauge('coturn_process_threads', "Threads of coturn's process.", threads),
    ...gauge(
      'coturn_start_time_seconds',
      "When coturn's process started, seconds since the Unix epoch.",
      parseBootTime(boot) + startedAfterBootSeconds,
    ),
  ];
}

function gauge(name: string, help: string, value: number | undefined): readonly MetricFamily[] {
  return value === undefined ? [] : [single('gauge', name, help, value)];
}

/**
 * Undefined when coturn runs as another user, whose descriptors an agent without privileges may not see. Since Linux
 * 6.2 the folder's size is their number (proc_fd_getattr, fs/proc/fd.c), which spares a busy relay a list of 60,000.
 */
async function countFds(folder: string): Promise<number | undefined> {
  try {
    return (await stat(folder)).size || (await readdir(folder)).length;
  } catch (error) {
    if (systemCode(error) === 'EACCES' || systemCode(error) === 'EPERM') return undefined;
    throw error;
  }
}

/** The soft limit; undefined when the file has none. */
function parseMaxFds(limits: string): number | undefined {
  const soft = /^Max open files\s+(\S+)/m.exec(limits)?.[1];
  if (soft === undefined) return undefined;
  return soft === 'unlimited' ? Infinity : Number(soft);
}

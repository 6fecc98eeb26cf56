import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../lib/errors';
import { single, type Collector, type MetricFamily } from './collector';
import { parseCpuSeconds } from './proc-stat';
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
  const [stat, status, limits, openFds] = await Promise.all([
    readText(join(folder, 'stat'), signal),
    readText(join(folder, 'status'), signal),
    readText(join(folder, 'limits'), signal),
    countFds(join(folder, 'fd')),
  ]);
  const { residentBytes, threads } = parseStatus(status);
  return [
    single(
      'counter',
      'coturn_process_cpu_seconds_total',
      "CPU time of coturn's process in seconds, user and system.",
      parseCpuSeconds(stat),
    ),
    ...gauge('coturn_process_resident_memory_bytes', "Resident memory of coturn's process in bytes.", residentBytes),
    ...gauge('coturn_process_open_fds', "Open file descriptors of coturn's process.", openFds),
    ...gauge(
      'coturn_process_max_fds',
      "How many file descriptors coturn's process may have open.",
      parseMaxFds(limits),
    ),
    ...gauge('coturn_process_threads', "Threads of coturn's process.", threads),
  ];
}

function gauge(name: string, help: string, value: number | undefined): readonly MetricFamily[] {
  return value === undefined ? [] : [single('gauge', name, help, value)];
}

/**
 * Since Linux 6.2 the folder's size is the number of descriptors, for whoever asks (proc_fd_getattr, fs/proc/fd.c); that
 * spares a busy relay a list of 60,000. Before, an agent without privileges may not list those of another user: undefined.
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

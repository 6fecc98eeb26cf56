import { readFileSync } from 'node:fs';
import { parseCpuSeconds } from '../../src/collectors/proc-stat';
import { parseStatus } from '../../src/collectors/proc-status';

/** What these processes have used, in user and system mode, all threads. The kernel counts it in steps of 10 ms. */
export function cpuSeconds(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + parseCpuSeconds(readFileSync(`/proc/${pid}/stat`, 'utf8')), 0);
}

export function residentBytes(pid: number): number {
  return parseStatus(readFileSync(`/proc/${pid}/status`, 'utf8')).residentBytes ?? 0;
}

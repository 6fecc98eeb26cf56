import { readFile } from 'node:fs/promises';
import { systemCode } from '../lib/errors';

/** Where the kernel shows itself; `/proc` and `/sys` but in tests. */
export interface SystemRoots {
  readonly proc: string;
  readonly sys: string;
}

export const systemRoots: SystemRoots = { proc: '/proc', sys: '/sys' };

/**
 * How the kernel says that something is not there: no such file; the process ended while it was read (proc_pid_*,
 * fs/proc/base.c); the card has no such property (`speed` of a virtual card, net/core/net-sysfs.c); what should be a
 * folder is a file (`bonding_masters` among the cards).
 */
const ABSENT: ReadonlySet<string | undefined> = new Set(['ENOENT', 'ESRCH', 'EINVAL', 'ENOTDIR']);

/** What `reading` gives, or undefined when the kernel has no such thing. Other errors are thrown. */
export async function ifPresent<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (ABSENT.has(systemCode(error))) return undefined;
    throw error;
  }
}

export function readText(path: string, signal?: AbortSignal): Promise<string> {
  return readFile(path, signal ? { encoding: 'utf8', signal } : 'utf8');
}

/** What /proc/<pid>/status tells. */
export interface ProcessStatus {
  /** As which user it makes files and sockets; the user that the kernel notes for a socket. */
  readonly uid: number;
  readonly threads: number;
  /** Undefined for a process that has ended and was not waited for yet. */
  readonly residentBytes: number | undefined;
}

/** Throws when it is no such file. */
export function parseStatus(text: string): ProcessStatus {
  const residentKib = /^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1];
  return {
    /** Real, effective, saved set, file system (proc_pid_status(5)). */
    uid: required(text, /^Uid:\s+\d+\s+\d+\s+\d+\s+(\d+)$/m),
    threads: required(text, /^Threads:\s+(\d+)$/m),
    residentBytes: residentKib === undefined ? undefined : Number(residentKib) * 1024,
  };
}

function required(text: string, pattern: RegExp): number {
  const value = pattern.exec(text)?.[1];
  if (value === undefined) throw new Error(`/proc/<pid>/status has no line like ${pattern.source}`);
  return Number(value);
}

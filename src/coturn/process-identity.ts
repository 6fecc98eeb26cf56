import { readdirSync, readFileSync, statSync } from 'node:fs';
import { systemCode } from '../lib/errors';

/** Names one process for ever: a pid is used again, a pid with its start time in one boot is not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks between boot and start: field 22 of /proc/<pid>/stat, see proc_pid_stat(5). */
  readonly startTicks: number;
  readonly bootId: string;
}

export interface ProcessStat {
  readonly command: string;
  readonly state: string;
  readonly startTicks: number;
}

/** The command (field 2) stands in parentheses and may hold anything, parentheses and spaces too. */
export function parseStat(text: string): ProcessStat | undefined {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  const fields = text.slice(close + 2).split(' ');
  const startTicks = Number(fields[19]);
  const state = fields[0];
  if (open < 0 || close < open || state === undefined || !Number.isSafeInteger(startTicks)) return undefined;
  return { command: text.slice(open + 1, close), state, startTicks };
}

/** Undefined for a process that is gone, or that has ended and waits to be reaped. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  const stat = statOf(pid);
  return stat && { pid, startTicks: stat.startTicks, bootId: bootId() };
}

export function isAlive(identity: ProcessIdentity): boolean {
  return statOf(identity.pid)?.startTicks === identity.startTicks && bootId() === identity.bootId;
}

/** Sends the signal to this very process; false when it is gone. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isAlive(identity)) return false;
  try {
    return process.kill(identity.pid, signal);
  } catch (error) {
    if (systemCode(error) === 'ESRCH') return false;
    throw error;
  }
}

/** Processes that have not ended and whose program file has this name. */
export function pidsOfCommand(command: string): number[] {
  // The kernel keeps 15 characters (TASK_COMM_LEN in include/linux/sched.h).
  return pids().filter((pid) => statOf(pid)?.command === command.slice(0, 15));
}

/** This user's process of this program with exactly these arguments. */
export function pidOfArguments(command: string, args: readonly string[]): number | undefined {
  return pidsOfCommand(command).find((pid) => {
    const [, ...given] = (readProc(`${pid}/cmdline`) ?? '').split('\0').slice(0, -1);
    return isOurs(pid) && given.length === args.length && given.every((arg, i) => arg === args[i]);
  });
}

function isOurs(pid: number): boolean {
  return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid === process.geteuid?.();
}

export function pids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function statOf(pid: number): ProcessStat | undefined {
  const stat = parseStat(readProc(`${pid}/stat`) ?? '');
  return stat === undefined || stat.state === 'Z' || stat.state === 'X' ? undefined : stat;
}

/** Of this boot of the machine; empty where the kernel does not say. */
export function bootId(): string {
  return (readProc('sys/kernel/random/boot_id') ?? '').trim();
}

/** The file under /proc; undefined when its process has ended meanwhile, or belongs to somebody else. */
export function readProc(path: string): string | undefined {
  try {
    return readFileSync(`/proc/${path}`, 'utf8');
  } catch (error) {
    if (isHidden(error)) return undefined;
    throw error;
  }
}

/** Whether reading /proc failed because the process has ended, or because it is another user's. */
export function isHidden(error: unknown): boolean {
  return ['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(systemCode(error) ?? '');
}

import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Clock } from '../lib/clock';
import { coturnEnvironment } from './environment';
import { identityOf, isAlive, signalProcess, type ProcessIdentity } from './process-identity';

export interface Ending {
  readonly reason: 'exit' | 'signal';
  /** `exit status 255`, `SIGKILL`. */
  readonly how: string;
}

const POLL_MS = 50;

/** coturn's arguments hold no secret: `ps` shows them to everybody. */
export function coturnArguments(confPath: string): string[] {
  return ['-c', confPath];
}

/** One process of coturn, started by this run of the agent or by one before it. It outlives the agent. */
export class CoturnProcess {
  private constructor(
    readonly identity: ProcessIdentity,
    /** Resolves when the process is gone. */
    readonly ended: Promise<Ending>,
  ) {}

  /** Starts coturn in a session of its own; `output` takes what it writes beside its log. */
  static async spawn(binary: string, confPath: string, output: string): Promise<CoturnProcess> {
    const file = openSync(output, 'a', 0o600);
    try {
      const child = spawn(binary, coturnArguments(confPath), {
        detached: true,
        stdio: ['ignore', file, file],
        env: coturnEnvironment(process.env),
      });
      const ended = endOf(child);
      const { pid } = child;
      if (pid === undefined) throw new Error(`${binary} could not be started: ${(await ended).how}`);
      child.unref();
      return new CoturnProcess(identityOf(pid) ?? alreadyEnded(pid), ended);
    } finally {
      closeSync(file);
    }
  }

  /** Takes over a process that is not this one's child: how it ends can't be known. Watched until `signal` aborts. */
  static adopt(identity: ProcessIdentity, clock: Clock, signal: AbortSignal): CoturnProcess {
    return new CoturnProcess(identity, disappearance(identity, clock, signal));
  }

  get isAlive(): boolean {
    return isAlive(this.identity);
  }

  /** Nothing happens when it is gone already. */
  send(signal: NodeJS.Signals): void {
    signalProcess(this.identity, signal);
  }

  /** SIGTERM, and SIGKILL when it is still there after `graceMs`; resolves when the process is gone. */
  async terminate(clock: Clock, graceMs: number): Promise<void> {
    this.send('SIGTERM');
    const over = new AbortController();
    const late = clock.sleep(graceMs, over.signal).then(
      () => {
        this.send('SIGKILL');
      },
      () => undefined,
    );
    await Promise.race([this.ended, late]);
    over.abort();
    await this.ended;
  }
}

function endOf(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      if (child.pid === undefined) resolve({ reason: 'exit', how: error.message });
    });
    child.once('exit', (status, signal) => {
      if (signal) resolve({ reason: 'signal', how: signal });
      else resolve({ reason: 'exit', how: `exit status ${status ?? 0}` });
    });
  });
}

/** Names no process: one that ended before it could be looked at. */
function alreadyEnded(pid: number): ProcessIdentity {
  return { pid, startTicks: -1, bootId: '' };
}

/** Never resolves once the signal has aborted. */
async function disappearance(identity: ProcessIdentity, clock: Clock, signal: AbortSignal): Promise<Ending> {
  while (isAlive(identity)) {
    await clock.sleep(POLL_MS, signal).catch(() => new Promise(() => undefined));
  }
  return { reason: 'exit', how: 'cause unknown' };
}

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/eventually';
import type { Absences } from './absences';

export interface AgentPlaces {
  /** The built program. */
  readonly main: string;
  /** It runs here, and what it writes goes to `agent.log` in it. */
  readonly folder: string;
  readonly configFile: string;
  readonly dataDir: string;
  /** Holds the error of its wall clock, milliseconds. */
  readonly clockFile: string;
}

const START_MS = 60_000;
const RETRY_MS = 500;
const READY = 'credential ';

/** Keeps the agent running as a service manager would, and ends it in every way. */
export class AgentKeeper {
  /** Runs that ended though nobody had asked for it. */
  readonly unasked: string[] = [];
  private child: ChildProcess | undefined;
  private starting: Promise<void> | undefined;
  /** What the current run wrote. */
  private said = '';

  constructor(
    private readonly places: AgentPlaces,
    private readonly absences: Absences,
  ) {}

  /** Resolves when it is up; one that ends in its start is started again. Another infliction may have brought it back. */
  start(): Promise<void> {
    if (this.isUp) return Promise.resolve();
    this.starting ??= this.startNow().finally(() => {
      this.starting = undefined;
    });
    return this.starting;
  }

  private get isUp(): boolean {
    return this.child !== undefined && !hasEnded(this.child) && this.said.includes(READY);
  }

  private async startNow(): Promise<void> {
    const deadline = performance.now() + START_MS;
    for (let tries = 1; ; tries++) {
      const child = this.spawn();
      await eventually('the agent is up, or has ended', () => this.said.includes(READY) || hasEnded(child), START_MS);
      // Ended on purpose meanwhile: whoever did that starts it again.
      if (this.child !== child) return;
      if (!hasEnded(child)) break;
      if (performance.now() > deadline)
        throw new Error(`the agent does not come up, after ${tries} starts: ${this.said}`);
      await sleep(RETRY_MS);
    }
    this.absences.isBack();
  }

  /** Ends it as the signal does; resolves when it is gone. */
  async end(signal: 'SIGKILL' | 'SIGTERM' | 'SIGUSR2'): Promise<void> {
    const { child } = this;
    this.child = undefined;
    this.absences.isAway();
    if (!child || hasEnded(child)) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  async freeze(ms: number, signal: AbortSignal): Promise<void> {
    this.absences.isAway();
    this.child?.kill('SIGSTOP');
    try {
      await sleep(ms, undefined, { signal });
    } finally {
      this.child?.kill('SIGCONT');
      this.absences.isBack();
    }
  }

  /** Kills the coturn that it has, if it has one; whether there was one. */
  killCoturn(): boolean {
    try {
      const noted = JSON.parse(readFileSync(join(this.places.dataDir, 'coturn.json'), 'utf8')) as {
        process: { pid: number } | null;
      };
      if (!noted.process || !readFileSync(`/proc/${noted.process.pid}/comm`, 'utf8').startsWith('turnserver'))
        return false;
      return process.kill(noted.process.pid, 'SIGKILL');
    } catch {
      return false; // None was noted, or it has ended.
    }
  }

  /** Nothing that it started is left. */
  async clear(): Promise<void> {
    this.child?.kill('SIGCONT');
    await this.end('SIGKILL');
    this.killCoturn();
  }

  private spawn(): ChildProcess {
    const { main, folder, configFile, clockFile } = this.places;
    const args = ['-r', resolve('test/chaos/stepped-clock.js'), main, '--config.file', configFile];
    const child = spawn(process.execPath, args, {
      cwd: folder,
      env: { ...process.env, CHAOS_CLOCK: clockFile },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    this.said = '';
    const onOutput = (data: Buffer): void => {
      if (this.child === child && !this.said.includes(READY)) this.said += data.toString();
      appendFileSync(join(folder, 'agent.log'), data);
    };
    child.stdout.on('data', onOutput);
    child.stderr.on('data', onOutput);
    child.once('exit', (status, signal) => {
      if (this.child === child && this.said.includes(READY)) this.fell(`${status ?? signal ?? ''}`);
    });
    return child;
  }

  /** As a service manager does, it is started again. */
  private fell(how: string): void {
    this.unasked.push(`the agent ended by itself (${how})`);
    this.absences.isAway();
    this.start().catch((error: unknown) => this.unasked.push(String(error)));
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

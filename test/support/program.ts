import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface Program {
  readonly pid: number;
  /** The first line that it wrote. */
  readonly said: string;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
}

/** Starts a program of test/fixtures/programs, and waits for its first line; it is killed where none comes in time. */
export async function startProgram(name: string, argument: string, timeoutMs = 100_000): Promise<Program> {
  const file = join(__dirname, '..', 'fixtures', 'programs', name);
  const loader = join(__dirname, 'register-typescript.js');
  const child = spawn(process.execPath, ['-r', loader, file, argument], { stdio: ['ignore', 'pipe', 'inherit'] });
  const said = await firstLine(child, timeoutMs);
  return {
    pid: child.pid ?? 0,
    said,
    kill: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

function firstLine(child: ChildProcess, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      child.kill('SIGKILL');
    }, timeoutMs);
    child.once('exit', (status) => {
      clearTimeout(late);
      reject(new Error(`the program ended (${status ?? 'signal'}) before it said anything`));
    });
    if (!child.stdout) return;
    createInterface(child.stdout).once('line', (line) => {
      clearTimeout(late);
      resolve(line);
    });
  });
}

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

/** Starts a program of test/fixtures/programs, and waits for its first line. */
export async function startProgram(name: string, argument: string): Promise<Program> {
  const file = join(__dirname, '..', 'fixtures', 'programs', name);
  const loader = join(__dirname, 'register-typescript.js');
  const child = spawn(process.execPath, ['-r', loader, file, argument], { stdio: ['ignore', 'pipe', 'inherit'] });
  const said = await firstLine(child);
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

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('exit', (status) => {
      reject(new Error(`the program ended (${status ?? 'signal'}) before it said anything`));
    });
    if (child.stdout) createInterface(child.stdout).once('line', resolve);
  });
}

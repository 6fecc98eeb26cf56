import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Stage } from './stage';

/** Starts a program of bench/programs in a process of its own, which ends when we do or when the stage is cleared. */
export function startProgram(stage: Stage, name: string, ...args: string[]): ChildProcess {
  const child = fork(join(__dirname, '../programs', `${name}.js`), args);
  stage.defer(() => {
    if (child.connected) child.disconnect();
  });
  return child;
}

/** Asks a program that has an IPC channel; its next message is the answer. */
export async function ask<Answer>(child: ChildProcess, question: object): Promise<Answer> {
  const over = new AbortController();
  const { signal } = over;
  const gone = once(child, 'exit', { signal }).then(() => {
    throw new Error(`${child.spawnargs.slice(1).join(' ')} ended before it answered`);
  });
  try {
    const message = once(child, 'message', { signal });
    child.send(question);
    const [answer] = (await Promise.race([message, gone])) as [Answer];
    return answer;
  } finally {
    over.abort();
  }
}

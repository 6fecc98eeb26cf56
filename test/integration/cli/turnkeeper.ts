import { runCommandLine } from '../../../src/cli/command-line';
import { describeFailure, exitStatusOf } from '../../../src/cli/failure';
import type { RunContext } from '../../../src/cli/run';
import type { Terminal } from '../../../src/cli/terminal';
import type { Config } from '../../../src/config/schema';

export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What the agent was started with; undefined when it was not. */
  readonly started: Config | undefined;
}

/** Runs a command as main does, within the test. */
export async function turnkeeper(args: readonly string[], given: Partial<Terminal> = {}): Promise<Outcome> {
  let stdout = '';
  let stderr = '';
  let started: Config | undefined;
  const terminal: Terminal = {
    environment: {},
    stdout: (text) => (stdout += text),
    stderr: (text) => (stderr += text),
    write: (chunk) => {
      stdout += Buffer.from(chunk).toString();
      return Promise.resolve();
    },
    columns: undefined,
    watched: false,
    ...given,
  };
  const runAgent: RunContext['runAgent'] = (config) => {
    started = config;
    return Promise.resolve(7);
  };
  const status = await runCommandLine(args, { terminal, version: '1.2.3', runAgent }).catch((error: unknown) => {
    stderr += `turnkeeper: ${describeFailure(error)}\n`;
    return exitStatusOf(error);
  });
  return { status, stdout, stderr, started };
}

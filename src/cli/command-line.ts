import { Command, CommanderError } from 'commander';
import { systemCode } from '../lib/errors';
import { addCredentials } from './credentials';
import { run, type RunContext } from './run';
import { addRunOptions, type RunOptions } from './run-options';
import { addSessions } from './sessions';
import { EXIT } from './terminal';
import { addUsage } from './usage';

/** Does what the arguments (those after the program's name) ask; the value is the exit status. */
export async function runCommandLine(args: readonly string[], context: RunContext): Promise<number> {
  let status: number = EXIT.ok;
  const program = createProgram(context, (code) => {
    status = code;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return status;
  } catch (error) {
    if (systemCode(error) === 'EPIPE') return EXIT.brokenPipe; // `| head` has had enough
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage; // --help and --version end with 0
  }
}

function createProgram(context: RunContext, exit: (status: number) => void): Command {
  const program = new Command('turnkeeper')
    .description('Stands beside a coturn TURN server: runs it, keeps it running, measures what it relays.')
    .version(context.version, '--version', 'print the version, and exit')
    .exitOverride()
    .configureOutput({ writeOut: context.terminal.stdout, writeErr: context.terminal.stderr })
    .enablePositionalOptions()
    .argument('[command]')
    .usage('[run] [options]');
  const action = async (options: RunOptions): Promise<void> => {
    exit(await run(options, context));
  };
  addRunOptions(program).action(async (unknown: string | undefined, options: RunOptions) => {
    if (unknown !== undefined) program.error(`error: unknown command '${unknown}' (see turnkeeper --help)`);
    await action(options);
  });
  addRunOptions(
    program.command('run').description('run the agent, and coturn under it (what happens without a command)'),
  )
    // What stood before `run` counts as well: `turnkeeper --config.check run` must not start anything.
    .action((_options: RunOptions, command: Command) => action(command.optsWithGlobals()));
  addCredentials(program, context.terminal, exit);
  addSessions(program, context.terminal, exit);
  addUsage(program, context.terminal);
  return program;
}

import { Command, CommanderError } from 'commander';
import { systemCode } from '../lib/errors';
import { run, type RunContext } from './run';
import { addRunOptions, type RunOptions } from './run-options';
import { EXIT } from './terminal';

/** Does what the arguments (those after the program's name) ask; the value is the exit status. */
export async function runCommandLine(args: readonly string[], context: RunContext): Promise<number> {
  let status: number = EXIT.ok;
  const exit = (code: number): void => {
    status = code;
  };
  const program = createProgram(context, exit);
  try {
    if (!args.every(isOfRunAlone)) {
      const { addClientCommands } = await import('./client-commands.js');
      addClientCommands(program, context.terminal, exit);
    }
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
  return program;
}

/** Where there is nothing else, the arguments can only start the agent, which does so sooner without other commands. */
function isOfRunAlone(word: string): boolean {
  return word === 'run' || (word.startsWith('-') && word !== '--help' && word !== '-h');
}

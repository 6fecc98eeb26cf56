import { InvalidArgumentError, Option, type Command } from 'commander';
import { waitingTime } from '../config/units';
import { systemClock } from '../lib/clock';
import type { ApiClient } from './client/api-client';
import { addClientOptions, connect, type ClientOptions } from './client/client-options';
import { drainSentence, drainStatus, type DrainStatus } from './drain-status';
import { watchDrain } from './drain-watch';
import { withSink } from './output/sink';
import { EXIT, type Terminal } from './terminal';
import { jsonLine } from './text/lines';

interface DrainOptions extends ClientOptions {
  /** Seconds. */
  readonly deadline?: number;
  readonly wait: boolean;
  readonly status?: true;
  readonly undo?: true;
  readonly json?: true;
}

/** As the shell has it: 128 + SIGINT. */
const INTERRUPTED = 130;
const GOES_ON = 'The drain goes on: turnkeeper drain --status shows it, turnkeeper drain --undo ends it.\n';
const EXAMPLES = `
No client is sent to the relay any more, and coturn refuses new allocations; what is under way goes on until it ends,
or until the deadline. Ctrl-C leaves the drain going. It ends with --undo, and when the agent is stopped.

Exit status: 0 when nothing is left (with --no-wait: when the drain has begun), 1 when it did not come to that.

Examples:
  turnkeeper drain --deadline 10m && systemctl restart turnkeeper
  turnkeeper drain --deadline 0        end everything now
  turnkeeper drain --status
  turnkeeper drain --undo`;

/** Adds `drain`; `exit` learns the exit status. */
export function addDrain(program: Command, terminal: Terminal, exit: (status: number) => void): void {
  const drain = program.command('drain').description('take the relay out of service, and wait until nothing is left');
  addClientOptions(drain)
    .option('--deadline <duration>', "end what is left after this time (default: the agent's drain.deadline)", seconds)
    .option('--no-wait', 'begin the drain, and return')
    .addOption(new Option('--status', 'show how far a drain is').conflicts(['undo', 'deadline']))
    .addOption(new Option('--undo', 'take the relay back into service').conflicts('deadline'))
    .option('--json', 'as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (options: DrainOptions) => {
      const client = await connect(options, terminal);
      const status = await outcome(client, options, terminal);
      if (status === 'interrupted') {
        terminal.stderr(GOES_ON);
        exit(INTERRUPTED);
        return;
      }
      const text = options.json ? jsonLine(status) : `${drainSentence(status)}\n`;
      await withSink(undefined, terminal, ({ write }) => write(text));
      if (hasFailed(status, options)) exit(EXIT.failure);
    });
}

async function outcome(
  client: ApiClient,
  options: DrainOptions,
  terminal: Terminal,
): Promise<DrainStatus | 'interrupted'> {
  if (options.status) return await client.get('/-/drain', drainStatus);
  if (options.undo) return await client.post('/-/undrain', drainStatus, {});
  const { deadline } = options;
  const begun = await client.post('/-/drain', drainStatus, deadline === undefined ? {} : { deadlineSeconds: deadline });
  return options.wait ? await waited(client, terminal) : begun;
}

async function waited(client: ApiClient, terminal: Terminal): Promise<DrainStatus | 'interrupted'> {
  const interrupted = new AbortController();
  const onInterrupt = (): void => {
    interrupted.abort();
  };
  process.once('SIGINT', onInterrupt);
  try {
    return await watchDrain(client, terminal, systemClock, interrupted.signal);
  } catch (error) {
    if (interrupted.signal.aborted) return 'interrupted';
    throw error;
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}

/** Who waits wants it empty; who undoes wants it back. */
function hasFailed({ state }: DrainStatus, { wait, status, undo }: DrainOptions): boolean {
  if (status) return false;
  if (undo) return state !== 'serving';
  return wait && state !== 'drained';
}

/** A parser for commander. */
function seconds(text: string): number {
  const parsed = waitingTime.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError('Expected a duration such as 30s, 10m or 1h, of 1d at most.');
}

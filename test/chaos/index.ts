/** `npm run chaos`: real clients and real faults, and then every usage record against what coturn and the clients say. */
import { describeFaults, describePlan } from './describe-plan';
import { HELP, readOptions, type ChaosOptions } from './options';
import { makePlan } from './plan';
import { renderTable, renderVerdict } from './report';
import { runChaos } from './run-chaos';

const MAX_ANY_SEED = 1_000_000;
const STATUS = { fine: 0, lost: 1, misused: 2, interrupted: 130 };

async function main(): Promise<number> {
  let options: ChaosOptions | undefined;
  try {
    options = readOptions(process.argv.slice(2), 1 + Math.floor(Math.random() * MAX_ANY_SEED));
  } catch (error) {
    say(`chaos: ${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    return STATUS.misused;
  }
  if (!options) {
    say(HELP);
    return STATUS.fine;
  }
  const plan = makePlan(options.seed, options.seconds, options.clients);
  const { seed, seconds, clients, store } = options;
  say(`chaos: seed ${seed}, ${seconds} s, ${clients} clients, records in ${store}\n\n`);
  if (options.planOnly) {
    say(describePlan(plan));
    return STATUS.fine;
  }
  say(`${describeFaults(plan)}\nas it happens\n`);
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      interrupted.abort(new Error(signal));
    });
  }
  try {
    const result = await runChaos(plan, options, say, interrupted.signal);
    say(`\n${renderTable(result)}\n${result.problems.map((problem) => `  ${problem}\n`).join('')}`);
    if (result.logs !== undefined) say(`all logs are in ${result.logs}\n`);
    say(renderVerdict(result, seed));
    return result.problems.length > 0 ? STATUS.lost : STATUS.fine;
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    say('interrupted: everything that was started is stopped\n');
    return STATUS.interrupted;
  }
}

function say(text: string): void {
  process.stdout.write(text);
}

void main().then(
  (status) => process.exit(status),
  (error: unknown) => {
    say(`chaos: the harness failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(STATUS.lost);
  },
);

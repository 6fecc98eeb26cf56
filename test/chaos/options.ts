import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

const STORES = ['postgres', 'sqlite'] as const;
export type Store = (typeof STORES)[number];

/** What a run is asked for; the plan follows from the first three. */
export interface ChaosOptions {
  readonly seed: number;
  readonly seconds: number;
  readonly clients: number;
  readonly store: Store;
  /** The built program. */
  readonly agent: string;
  /** Say what would happen, and end. */
  readonly planOnly: boolean;
  /** Keep all logs also when nothing is wrong. */
  readonly keep: boolean;
}

export const HELP = `npm run chaos [-- options]

  --seed <n>       decides who does what when, and which fault comes when (default: another one each time)
  --seconds <n>    how long clients come and faults happen (default 120)
  --clients <n>    how many clients come (default: one a second)
  --store <name>   ${STORES.join(' or ')}: where the agent keeps its records (default postgres)
  --agent <file>   the dist/main.js to try (default: the one of this folder)
  --plan           print the plan, and end
  --keep           keep all logs, also when nothing is wrong
`;

const DEFAULT_AGENT = resolve('dist/main.js');
const MAX_SEED = 2 ** 32 - 1;

/** Throws an Error that says what is wrong. undefined: help was asked for. */
export function readOptions(args: readonly string[], anySeed: number): ChaosOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string' },
      seconds: { type: 'string' },
      clients: { type: 'string' },
      store: { type: 'string' },
      agent: { type: 'string' },
      plan: { type: 'boolean' },
      keep: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) return undefined;
  const seconds = wholeNumber('seconds', values.seconds, 120, 86_400);
  return {
    seed: wholeNumber('seed', values.seed, anySeed, MAX_SEED),
    seconds,
    clients: wholeNumber('clients', values.clients, seconds, 100_000),
    store: storeOf(values.store ?? 'postgres'),
    agent: values.agent ?? DEFAULT_AGENT,
    planOnly: values.plan === true,
    keep: values.keep === true,
  };
}

function wholeNumber(name: string, text: string | undefined, otherwise: number, most: number): number {
  if (text === undefined) return otherwise;
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > most || number < 1) {
    throw new Error(`--${name} has to be a whole number from 1 to ${most}.`);
  }
  return number;
}

function storeOf(text: string): Store {
  const store = STORES.find((name) => name === text);
  if (!store) throw new Error(`--store has to be ${STORES.join(' or ')}.`);
  return store;
}

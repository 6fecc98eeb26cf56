/** `npm run bench [-- <name> ...]`: measures the built agent against its goals, and prints a table. */
import { setTimeout as sleep } from 'node:timers/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { assign } from './assign';
import type { Benchmark, Figure } from './benchmark';
import { closing } from './closing';
import { cpu } from './cpu';
import { idle } from './idle';
import { issue } from './issue';
import { ledger } from './ledger';
import { memory } from './memory';
import { redis } from './redis';
import { scrape } from './scrape';
import { start } from './start';
import { statsdb } from './statsdb';
import { sums } from './sums';
import { traces } from './traces';
import { describeLoad, describeMachine } from './support/machine';
import { Stage } from './support/stage';
import { line, verdict } from './support/table';

const BENCHMARKS = [statsdb, cpu, memory, scrape, start, idle, ledger, closing, sums, issue, redis, assign, traces];
/** Of one benchmark. */
const LIMIT_MS = 120_000;

const HELP = `npm run bench [-- [--cpu-prof <folder>] <name> ...]

${BENCHMARKS.map(({ name, about }) => `  ${name.padEnd(9)}${about}`).join('\n')}

Without a name: all of them. --cpu-prof: the agents write profiles of their CPU time there.
`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { 'cpu-prof': { type: 'string' }, help: { type: 'boolean' } },
  });
  const unknown = positionals.filter((name) => !BENCHMARKS.some((benchmark) => benchmark.name === name));
  if (values.help === true || unknown.length > 0) {
    say(`${unknown.map((name) => `There is no benchmark ${name}.\n`).join('')}${HELP}`);
    return unknown.length > 0 ? 2 : 0;
  }
  const chosen = BENCHMARKS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  const folder = values['cpu-prof'];
  return runAll(chosen, folder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${resolve(folder)}`]);
}

/** The exit status: 1 where a benchmark came to no figure. Goals that are not met are no failure of the measuring. */
async function runAll(benchmarks: readonly Benchmark[], nodeFlags: readonly string[]): Promise<number> {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      interrupted.abort(new Error(signal));
    });
  }
  say(`${describeMachine()}\n`);
  const figures: Figure[] = [];
  let failed = 0;
  for (const benchmark of benchmarks) {
    if (interrupted.signal.aborted) break;
    say(`\n${benchmark.name} (${describeLoad()})\n`);
    try {
      const found = await run(benchmark, new Stage(nodeFlags), interrupted.signal);
      figures.push(...found);
      say(found.map(line).join(''));
    } catch (error) {
      failed++;
      say(`  no figure: ${String(error)}\n`);
    }
  }
  say(`\n${verdict(figures)}${failed > 0 ? `, ${failed} benchmarks failed` : ''}; ${describeLoad()} at the end\n`);
  return failed > 0 ? 1 : 0;
}

async function run(benchmark: Benchmark, stage: Stage, interrupted: AbortSignal): Promise<readonly Figure[]> {
  const over = new AbortController();
  const signal = AbortSignal.any([over.signal, interrupted]);
  const late = sleep(LIMIT_MS, undefined, { signal }).then(
    () => Promise.reject(new Error(`not done within ${LIMIT_MS / 1000} s`)),
    () => Promise.reject(signal.reason as Error),
  );
  try {
    return await Promise.race([benchmark.run(stage), late]);
  } finally {
    over.abort();
    await stage.clear();
  }
}

function say(text: string): void {
  process.stdout.write(text);
}

void main().then((status) => process.exit(status));

#!/usr/bin/env node
import { runCommandLine } from './cli/command-line';
import { describeFailure, exitStatusOf } from './cli/failure';
import { processTerminal } from './cli/process-terminal';
import { readVersion } from './cli/version';

/** A defect: say it in one line, and end. coturn goes on relaying, and the next start takes it over. */
function fail(error: unknown): never {
  process.stderr.write(`turnkeeper: ${describeFailure(error)}\n`);
  process.exit(exitStatusOf(error));
}

process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);

runCommandLine(process.argv.slice(2), {
  terminal: processTerminal(process),
  version: readVersion(),
  // Loaded only to run: --help and --config.check need none of it.
  runAgent: async (config, options) => (await import('./app.js')).run(config, options),
}).then((status) => process.exit(status), fail);

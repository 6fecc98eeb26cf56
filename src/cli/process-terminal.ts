import { USUAL_COLUMNS, type Terminal } from './terminal';
import { writerOf } from './output/writer';

/** The terminal of this process. Text for people goes out at once; who must know that it arrived awaits `write`. */
export function processTerminal({ env, stdout, stderr }: NodeJS.Process): Terminal {
  // `turnkeeper --help | true`, or an agent that logs to a pipe whose reader ends: nobody is left to be told, and the agent
  // goes on. An awaited write rejects all the same.
  for (const stream of [stdout, stderr]) stream.on('error', () => undefined);
  return {
    environment: env,
    stdout: (text) => stdout.write(text),
    stderr: (text) => stderr.write(text),
    write: writerOf(stdout),
    columns: stdout.isTTY ? stdout.columns || USUAL_COLUMNS : undefined, // a serial console says 0
    watched: stderr.isTTY,
  };
}

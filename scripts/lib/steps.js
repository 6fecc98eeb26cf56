'use strict';

const { spawn, spawnSync } = require('node:child_process');
const { join } = require('node:path');

const ROOT = join(__dirname, '../..');

/** Says on standard error what is going on: standard output belongs to the agent. */
function say(text) {
  process.stderr.write(`${text}\n`);
}

/** Ends the script with a sentence that says what to do. */
function stop(sentence) {
  say(`turnkeeper: ${sentence}`);
  process.exit(1);
}

/** Runs a command in the project's folder, its output being ours; whether it succeeded. */
function succeeds(command, args, env = {}) {
  const { status } = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit', env: { ...process.env, ...env } });
  return status === 0;
}

/**
 * Runs npm scripts side by side, and beside whatever else runs, which they leave the processor to. Resolves with the
 * names of those that failed, when what each said has been said in one piece.
 */
async function failuresOf(scripts) {
  const failed = await Promise.all(
    scripts.map(async (script) => {
      const args = ['-n', '10', 'npm', 'run', '--silent', script];
      const child = spawn('nice', args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
      const output = [];
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => output.push(data));
      const status = await new Promise((resolve) => child.once('close', resolve));
      say(`\n== npm run ${script}: ${status === 0 ? 'passed' : 'FAILED'}\n${Buffer.concat(output).toString()}`);
      return status === 0 ? [] : [script];
    }),
  );
  return failed.flat();
}

/** As `succeeds`, for a command that something else is done beside. */
async function succeedsMeanwhile(command, args) {
  const child = spawn(command, args, { cwd: ROOT, stdio: 'inherit' });
  return (await new Promise((resolve) => child.once('close', resolve))) === 0;
}

module.exports = { ROOT, failuresOf, say, stop, succeeds, succeedsMeanwhile };

'use strict';

const { spawnSync } = require('node:child_process');
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

module.exports = { ROOT, say, stop, succeeds };

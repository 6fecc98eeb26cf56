'use strict';

/*
 * `npm test`: installs what the tests need, then runs every stage, so that one run shows all that is wrong. A few test
 * files that failed beside the others are run once more, alone; the last lines name them.
 */
const { mkdtempSync, readFileSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join, relative } = require('node:path');
const { provideBuild } = require('./lib/build');
const { provideNpmPackages } = require('./lib/npm-packages');
const { afterwards, filesToRunAgain } = require('./lib/second-run');
const { ROOT, failuresOf, say, succeedsMeanwhile } = require('./lib/steps');
const { PACKAGES, provideSystemPackages } = require('./lib/system-packages');
const { countLine, countTests } = require('./lib/test-count');

const NEEDED = Object.values(PACKAGES);
const CHECKS = ['check:format', 'check:lint', 'check:types', 'check:dead'];

provideSystemPackages(NEEDED);
provideNpmPackages();

const folder = mkdtempSync(join(tmpdir(), 'turnkeeper-test-'));

void run();

async function run() {
  say('\n== build');
  const failed = provideBuild() ? [] : ['build'];
  say('\n== jest, and the checks beside it');
  const checks = failuresOf(CHECKS);
  const first = await jest('first', process.argv.slice(2));
  failed.push(...(await checks));
  const again = filesToRunAgain(first);
  const last = again.length > 0 ? afterwards(first, await secondRun(again)) : first;
  rmSync(folder, { recursive: true });

  const count = countTests(last);
  if (failed.length > 0) say(`\nfailed: ${failed.join(', ')}`);
  for (const file of again) say(`run a second time, alone: ${relative(ROOT, file)}`);
  process.stdout.write(`\n${countLine(count)}\n`);
  process.exitCode = failed.length === 0 && count.failed === 0 ? 0 : 1;
}

function secondRun(files) {
  say(`\n== jest once more, for ${files.length} of its files, alone`);
  return jest('second', ['--runInBand', '--runTestsByPath', ...files]);
}

/** jest's JSON results; undefined where it did not get as far as writing them. */
async function jest(run, args) {
  const results = join(folder, `${run}.json`);
  await succeedsMeanwhile('node_modules/.bin/jest', ['--passWithNoTests', '--json', '--outputFile', results, ...args]);
  try {
    return JSON.parse(readFileSync(results, 'utf8'));
  } catch {
    return undefined;
  }
}

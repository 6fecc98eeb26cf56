'use strict';

/* `npm test`: installs what the tests need, then runs every stage, so that one run shows all that is wrong. */
const { mkdtempSync, readFileSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { provideBuild } = require('./lib/build');
const { provideNpmPackages } = require('./lib/npm-packages');
const { failuresOf, say, succeedsMeanwhile } = require('./lib/steps');
const { PACKAGES, provideSystemPackages } = require('./lib/system-packages');
const { countLine, countTests } = require('./lib/test-count');

const NEEDED = Object.values(PACKAGES);
const CHECKS = ['check:format', 'check:lint', 'check:types', 'check:dead'];

provideSystemPackages(NEEDED);
provideNpmPackages();

const folder = mkdtempSync(join(tmpdir(), 'turnkeeper-test-'));
const results = join(folder, 'jest.json');
const jest = ['--passWithNoTests', '--json', '--outputFile', results, ...process.argv.slice(2)];

void run();

async function run() {
  say('\n== build');
  const failed = provideBuild() ? [] : ['build'];
  say('\n== jest, and the checks beside it');
  const checks = failuresOf(CHECKS);
  if (!(await succeedsMeanwhile('node_modules/.bin/jest', jest))) failed.push('jest');
  failed.push(...(await checks));
  const count = countTests(readResults());
  rmSync(folder, { recursive: true });

  if (failed.length > 0) say(`\nfailed: ${failed.join(', ')}`);
  process.stdout.write(`\n${countLine(count)}\n`);
  process.exitCode = failed.length === 0 && count.failed === 0 ? 0 : 1;
}

function readResults() {
  try {
    return JSON.parse(readFileSync(results, 'utf8'));
  } catch {
    return undefined; // jest itself did not get that far
  }
}

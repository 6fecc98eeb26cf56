'use strict';

/* `npm run chaos`: installs what it needs, builds the agent and the harness, and runs it. */
const { join } = require('node:path');
const { provideBuild } = require('./lib/build');
const { provideNpmPackages } = require('./lib/npm-packages');
const { stop, succeeds } = require('./lib/steps');
const { PACKAGES, provideSystemPackages } = require('./lib/system-packages');

process.chdir(join(__dirname, '..'));
provideSystemPackages([PACKAGES.coturn, PACKAGES.postgresql]);
provideNpmPackages();
if (!provideBuild() || !succeeds('node_modules/.bin/tsc', ['-p', 'tsconfig.bench.json'])) {
  stop('the build failed: see what it says above.');
}
process.exitCode = succeeds(process.execPath, ['dist-bench/test/chaos/index.js', ...process.argv.slice(2)]) ? 0 : 1;

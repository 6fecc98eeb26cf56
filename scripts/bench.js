'use strict';

/* `npm run bench`: installs what the benchmarks need, builds the agent and them, and runs those that are named, or all. */
const { provideBuild } = require('./lib/build');
const { provideNpmPackages } = require('./lib/npm-packages');
const { stop, succeeds } = require('./lib/steps');
const { PACKAGES, provideSystemPackages } = require('./lib/system-packages');

provideSystemPackages([PACKAGES.coturn, PACKAGES.redis, PACKAGES.zookeeper]);
provideNpmPackages();
if (!provideBuild() || !succeeds('node_modules/.bin/tsc', ['-p', 'tsconfig.bench.json'])) {
  stop('the build failed: see what it says above.');
}
process.exitCode = succeeds(process.execPath, ['dist-bench/bench/index.js', ...process.argv.slice(2)]) ? 0 : 1;

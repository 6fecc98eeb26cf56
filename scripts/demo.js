'use strict';

/* `npm run demo`: everything on this machine for a look. `npm run demo -- fleet`: five relays and where calls go. */
const { join } = require('node:path');
const { provideBuild } = require('./lib/build');
const { provideNpmPackages } = require('./lib/npm-packages');
const { stop, succeeds } = require('./lib/steps');
const { PACKAGES, provideSystemPackages } = require('./lib/system-packages');

const NEEDED = {
  relay: [PACKAGES.coturn, PACKAGES.prometheus, PACKAGES.alertmanager],
  fleet: [PACKAGES.coturn, PACKAGES.zookeeper],
};

process.chdir(join(__dirname, '..'));
const [name = 'relay'] = process.argv.slice(2);
if (!Object.hasOwn(NEEDED, name)) stop(`there are these demonstrations: ${Object.keys(NEEDED).join(', ')}.`);
provideSystemPackages(NEEDED[name]);
provideNpmPackages();
if (!provideBuild()) stop('the build failed: see what it says above.');
const loader = join(__dirname, '../test/support/register-typescript.js');
process.exitCode = succeeds(process.execPath, ['-r', loader, `demo/${name}.ts`]) ? 0 : 1;

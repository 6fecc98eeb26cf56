'use strict';

const { spawnSync } = require('node:child_process');
const { join } = require('node:path');
const { provideBuild } = require('./build');
const { provideNpmPackages } = require('./npm-packages');
const { ROOT, stop } = require('./steps');
const { isThere, PACKAGES, provideSystemPackages } = require('./system-packages');

/** Makes everything ready that `require('dist/main.js')` needs. When all is there it only looks, in milliseconds. */
function prepare(args) {
  provideNpmPackages();
  if (!provideBuild()) stop('the build failed: see what it says above.');
  if (!isThere(PACKAGES.coturn) && wantsCoturn(effectiveConfig(args))) provideSystemPackages([PACKAGES.coturn]);
}

/** What the agent would run with: its own answer, so that flags, environment and file all count. */
function effectiveConfig(args) {
  const { stdout } = spawnSync(process.execPath, [join(ROOT, 'dist/main.js'), ...args, '--config.check', '--json']);
  return stdout.toString();
}

/** Nothing is installed for somebody who runs coturn elsewhere, asks for help, or made a mistake that the agent will tell. */
function wantsCoturn(answer) {
  try {
    const { valid, config } = JSON.parse(answer);
    return valid && config.coturn.supervise && config.coturn.binary === 'turnserver';
  } catch {
    return false;
  }
}

module.exports = { prepare, wantsCoturn };

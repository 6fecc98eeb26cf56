'use strict';

const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { ROOT, say, stop, succeeds } = require('./steps');

/**
 * Whether the packages in node_modules are those of package-lock.json. npm writes what it installed into
 * node_modules/.package-lock.json as its last act; optional packages for other platforms are missing there.
 */
function matches(lock, installed) {
  const wanted = Object.entries(lock.packages).filter(([path]) => path !== '');
  const isRight = ([path, { version, integrity, optional }]) => {
    const found = installed.packages[path];
    return found ? found.version === version && found.integrity === integrity : optional === true;
  };
  return wanted.every(isRight) && Object.keys(installed.packages).every((path) => path in lock.packages);
}

function readLock(path) {
  try {
    return JSON.parse(readFileSync(join(ROOT, path), 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Installs the packages of package-lock.json unless they are there. All of them: the build needs the compiler. */
function provideNpmPackages() {
  const installed = readLock('node_modules/.package-lock.json');
  if (installed && matches(readLock('package-lock.json'), installed)) return;
  say('== installing npm packages (once)');
  if (!succeeds('npm', ['ci', '--no-audit', '--no-fund'])) stop('npm ci failed: see what it says above.');
}

module.exports = { matches, provideNpmPackages };

'use strict';

const { createHash } = require('node:crypto');
const { existsSync, readdirSync, readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { ROOT, say, succeeds } = require('./steps');

/** Holds the hash of what dist/ was built from. Contents, not times: a checkout makes old files new. */
const STAMP = join(ROOT, 'dist/.source-hash');
const SETTINGS = ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];

function sourceHash() {
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => join('src', path))
    .sort();
  const hash = createHash('sha256');
  for (const path of [...SETTINGS, ...sources]) hash.update(`${path}\0`).update(readFileSync(join(ROOT, path)));
  return hash.digest('hex');
}

/** Builds dist/ unless it was built from these very sources; whether dist/ is right now. */
function provideBuild() {
  const hash = sourceHash();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === hash) return true;
  say('== building');
  if (!succeeds('npm', ['run', '--silent', 'build'])) return false;
  writeFileSync(STAMP, hash);
  return true;
}

module.exports = { provideBuild };

'use strict';

/** `node -r` this file to run a TypeScript program of the tests, compiled as jest compiles them. */
const { readFileSync } = require('node:fs');
const { transformSync } = require('@swc/core');

const options = { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' }, module: { type: 'commonjs' } };
/** import() names a file of src as it is after the build: here it has another ending, which require() finds. */
const BUILT = /require\("(\.{1,2}\/[^"]+)\.js"\)/g;

require.extensions['.ts'] = (module, filename) => {
  const { code } = transformSync(readFileSync(filename, 'utf8'), { ...options, filename });
  module._compile(code.replaceAll(BUILT, 'require("$1")'), filename);
};

'use strict';

const transform = {
  '^.+\\.ts$': [
    '@swc/jest',
    { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' }, module: { type: 'commonjs' }, sourceMaps: 'inline' },
  ],
};

/** One project a folder of test/: unit tests touch nothing outside the process, integration and e2e run the real things. */
const project = (displayName, testTimeout) => ({
  displayName,
  transform,
  testEnvironment: 'node',
  testMatch: [`<rootDir>/test/${displayName}/**/*.test.ts`],
  testTimeout,
});

module.exports = {
  maxWorkers: 2,
  projects: [project('unit', 10_000), project('integration', 60_000), project('e2e', 120_000)],
};

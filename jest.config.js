'use strict';

/** They have an import() of their own, which jest's sandbox refuses. */
const IMPORTING = '@opentelemetry/(otlp-exporter-base|resources)/';

const transform = {
  [`${IMPORTING}.+\\.js$`]: ['@swc/jest', { jsc: { target: 'es2023' }, module: { type: 'commonjs' } }],
  '^.+\\.ts$': [
    '@swc/jest',
    { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' }, module: { type: 'commonjs' }, sourceMaps: 'inline' },
  ],
};

/** One project a folder of test/: unit tests touch nothing outside the process, integration and e2e run the real things. */
const project = (displayName) => ({
  displayName,
  transform,
  transformIgnorePatterns: [`/node_modules/(?!${IMPORTING})`],
  testEnvironment: 'node',
  // import() names a file as it is after the build.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  testMatch: [`<rootDir>/test/${displayName}/**/*.test.ts`],
});

module.exports = {
  // More than cores: most of the time the tests wait for real servers.
  maxWorkers: 3,
  // Generous: machines are slow and shared, and a test that waits for what never comes says so itself before.
  testTimeout: 120_000,
  projects: ['unit', 'integration', 'e2e'].map(project),
};

'use strict';

const tseslint = require('typescript-eslint');

/** Which folders of src/ a folder may import from (lib is everybody's). main, app and compose may import all. */
const MAY_IMPORT = {
  lib: [],
  turn: [],
  coturn: ['turn'],
  config: ['turn'],
  sources: ['coturn', 'turn', 'config'],
  webrtc: ['turn', 'config'],
  licode: ['webrtc', 'config'],
  reports: ['webrtc', 'usage', 'turn', 'config'],
  report: [],
  fleet: ['turn', 'config'],
  tracing: ['turn'],
  usage: ['sources', 'coturn', 'turn', 'config'],
  digest: ['usage', 'coturn', 'turn', 'config'],
  drain: ['coturn', 'turn', 'config'],
  'web-config': ['config'],
  collectors: ['sources', 'usage', 'coturn', 'turn', 'config', 'webrtc', 'licode', 'reports', 'fleet', 'tracing'],
  credentials: ['usage', 'coturn', 'turn', 'config'],
  http: [
    'collectors',
    'credentials',
    'usage',
    'coturn',
    'turn',
    'config',
    'webrtc',
    'reports',
    'fleet',
    'drain',
    'tracing',
    'web-config',
  ],
  cli: ['coturn', 'turn', 'config', 'web-config'],
};

const folders = Object.keys(MAY_IMPORT);

function importDirection(folder) {
  const allowed = new Set([folder, ...(folder === 'turn' ? [] : ['lib']), ...MAY_IMPORT[folder]]);
  const forbidden = folders.filter((other) => !allowed.has(other));
  const patterns = [
    {
      regex: `^(\\.\\./)+(${[...forbidden, 'app$', 'main$', 'compose'].join('|')})(/|$|\\b)`,
      message: `src/${folder} may import only: ${[...allowed].join(', ')} (see eslint.config.js).`,
    },
  ];
  if (folder === 'turn') {
    patterns.push({
      regex: '^(?!\\.|node:crypto$|node:net$)',
      message: 'The domain is pure: it imports nothing but itself and pure functions of node:crypto and node:net.',
    });
  }
  return {
    files: [`src/${folder}/**/*.ts`],
    rules: { 'no-restricted-imports': ['error', { patterns }] },
  };
}

module.exports = tseslint.config(
  { ignores: ['dist', 'dist-bench', 'node_modules', 'data', 'coverage', 'test/fixtures'] },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: __dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      eqeqeq: 'error',
      'no-console': 'error',
      'no-empty': ['error', { allowEmptyCatch: false }],
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'max-lines': ['error', { max: 220, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 5],
      complexity: ['error', 12],
    },
  },
  ...folders.map(importDirection),
  {
    files: ['src/turn/**/*.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Time is an argument.' },
        { object: 'Math', property: 'random', message: 'Randomness is an argument.' },
      ],
      'no-restricted-globals': ['error', 'setTimeout', 'setInterval', 'setImmediate', 'process', 'performance'],
    },
  },
);

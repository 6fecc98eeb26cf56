import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { httpApiPage } from '../../../scripts/docs/http-api';
import { OPERATIONS } from '../../../src/http/openapi-operations';

const text = readFileSync(join(__dirname, '../../../docs/http-api.md'), 'utf8');

test('docs/http-api.md is what the schemas say (npm run docs)', async () => {
  expect(text).toBe(await httpApiPage());
});

test('code stays as it is written: a backslash would show in it', () => {
  expect(text.match(/`[^`\n]*\\[^`\n]*`/)).toBeNull();
});

test('every call is there, with what it takes', () => {
  const headings = OPERATIONS.map(({ method, path }) => `## \`${method.toUpperCase()} ${path}\`\n`);
  expect(headings.filter((heading) => !text.includes(heading))).toEqual([]);
  expect(text).toMatch(/## `POST \/v1\/relays\/assign`[^#]*- `task` \(string\): what the relay is for/);
});

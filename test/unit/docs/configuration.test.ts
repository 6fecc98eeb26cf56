import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configEntries } from '../../../scripts/docs/config-entries';
import { configurationPage } from '../../../scripts/docs/configuration';
import { schemaComments } from '../../../scripts/docs/comments';
import { configKeys } from '../../../src/config/keys';
import { configSchema } from '../../../src/config/schema';

const root = join(__dirname, '../../..');

test('docs/configuration.md is what the schema says (npm run docs)', async () => {
  expect(readFileSync(join(root, 'docs/configuration.md'), 'utf8')).toBe(await configurationPage());
});

test('every key that the agent knows is there', () => {
  expect(configEntries(configSchema).map(({ name }) => name)).toEqual(configKeys().map(({ name }) => name));
});

test('comments are found through constants, methods, and in other files', () => {
  const comments = schemaComments(join(root, 'src/config/schema.ts'), 'sections');
  expect(comments.get('coturn.cliPort')).toBe('The telnet admin interface; on 127.0.0.1 only.');
  expect(comments.get('registry.server')).toBe("auto: this machine's host name.");
  expect(comments.get('credentials.limits')).toMatch(/^How many may be issued: .* for that\.$/);
});

test.each([
  ['credentials.rotateEvery', '7d'],
  ['licode.interval', '20s'],
  ['web.listenAddress', '127.0.0.1:9642'],
  ['coturn.maxPort', '65535'],
  ['coturn.cert', undefined],
])('the default of %s is as it would stand in the file', (key, byDefault) => {
  expect(configEntries(configSchema).find(({ name }) => name === key)?.byDefault).toBe(byDefault);
});

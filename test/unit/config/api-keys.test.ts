import { check } from '../../../src/config/check';
import { fromFile } from '../../../src/config/from-file';
import { configKeys } from '../../../src/config/keys';

const HASH = 'ab'.repeat(32);
const OTHER = 'cd'.repeat(32);

/** What is wrong with a file, as sentences. */
async function mistakesOf(yaml: string): Promise<string[]> {
  const { settings } = await fromFile('tk.yml', yaml, configKeys());
  const checked = check(settings);
  return checked.kind === 'valid' ? [] : checked.mistakes.map(({ path, message }) => `${path}: ${message}`);
}

test('keys are taken, and one is enough to listen beyond loopback', async () => {
  const keys = `keys: [{ name: billing, sha256: ${HASH}, scopes: [read] }, { name: a.b, sha256: ${OTHER}, scopes: [admin, credentials] }]`;
  expect(await mistakesOf(keys)).toEqual([]);
  expect(await mistakesOf(`${keys}\nweb: { listenAddress: 0.0.0.0:9642 }`)).toEqual([]);
});

test.each(['0.0.0.0:9642', '[::]:9642', '192.0.2.1:9642', 'turn.example.org:80'])(
  'listening on %s without a key is refused, and how to make one is said',
  async (address) => {
    const mistakes = await mistakesOf(`web: { listenAddress: "${address}" }`);
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toMatch(/^keys: needs a key, since others can reach .*openssl rand -hex 32/);
  },
);

test.each(['127.0.0.1:1', '127.9.9.9:1', '[::1]:1', 'localhost:1'])('listening on %s needs none', async (address) => {
  expect(await mistakesOf(`web: { listenAddress: "${address}" }`)).toEqual([]);
});

test.each([
  ['instead of its hash', `[{ name: a, sha256: my-very-secret-key, scopes: [read] }]`],
  ['instead of its hash, all digits', '[{ name: a, sha256: 82736455, scopes: [read] }]'],
  ['beside its hash', `[{ name: a, sha256: ${HASH}, key: my-very-secret-key, scopes: [read] }]`],
  ['as a name', `[{ name: "my-very-secret-key ", sha256: ${HASH}, scopes: [read] }]`],
  ['as a scope', `[{ name: a, sha256: ${HASH}, scopes: [my-very-secret-key] }]`],
  ['as the scopes', `[{ name: a, sha256: ${HASH}, scopes: my-very-secret-key }]`],
  ['instead of all that', '[my-very-secret-key]'],
  ['instead of the list', 'my-very-secret-key'],
])('a key that was pasted %s is not shown', async (_where, keys) => {
  const mistakes = await mistakesOf(`keys: ${keys}`);
  expect(mistakes).not.toEqual([]);
  expect(mistakes.join()).not.toMatch(/my-very|82736455/);
});

test.each([
  ['[{ name: a, scopes: [read] }]', /sha256/],
  [`[{ name: "a b", sha256: ${HASH}, scopes: [read] }]`, /keys\[0\]\.name: expected up to 64/],
  [
    `[{ name: a, sha256: ${HASH}, scopes: [] }]`,
    /keys\[0\]\.scopes: needs at least one of credentials, read, report, admin/,
  ],
  [`[{ name: a, sha256: ${HASH}, scopes: [write] }]`, /keys\[0\]\.scopes\[0\]/],
  [`[{ name: a, sha256: ${HASH}, scopes: [read], key: x }]`, /key/],
  [
    `[{ name: a, sha256: ${HASH}, scopes: [read] }, { name: a, sha256: ${OTHER}, scopes: [read] }]`,
    /keys\[1\]\.name: stands at another key as well/,
  ],
  [
    `[{ name: a, sha256: ${HASH}, scopes: [read] }, { name: b, sha256: ${HASH.toUpperCase()}, scopes: [read] }]`,
    /keys\[1\]\.sha256: stands at another key as well/,
  ],
])('keys: %s is refused', async (keys, mistake) => {
  expect((await mistakesOf(`keys: ${keys}`)).join('\n')).toMatch(mistake);
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

test('the snippet that docs/reports.md shows is the one that the tests run on libwebrtc', () => {
  expect(read('docs/reports.md')).toContain(read('test/fixtures/browser/report-calls.js').trim());
});

test('the ACL that docs/redis.md shows allows what the tests of the Redis source are allowed, and no more', () => {
  const words = (text: string): string[] => [...text.matchAll(/\+[\w|]+/g)].map(([word]) => word).sort();
  const shown = /^ACL SETUSER .*$/m.exec(read('docs/redis.md'))?.[0] ?? '';
  const tested = /const acl = '([^']*)'/.exec(read('test/integration/sources/redis.test.ts'))?.[1] ?? '';
  expect(words(shown)).toEqual(words(tested));
  expect(words(tested).length).toBeGreaterThan(5);
});

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '../../..');

test('what starts the agent loads nothing that it does not need then', () => {
  const program = `
    const unneeded = () => Object.keys(require.cache).filter((file) => /cli\\/(sessions|client-commands|client\\/api)|redis-source|licode-source|src\\/fleet|zookeeper|window-counter|rate-limiter|openapi-doc/.test(file));
    require('./src/cli/command-line'); require('./src/compose/agent'); require('./src/app');
    process.stdout.write(JSON.stringify(unneeded()));`;
  const flags = ['--require', join(ROOT, 'test/support/register-typescript.js'), '-e', program];
  expect(JSON.parse(execFileSync(process.execPath, flags, { cwd: ROOT, encoding: 'utf8' }))).toEqual([]);
});

import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryDirectory } from '../../support/coturn';

const ROOT = join(__dirname, '../../..');
const run = promisify(execFile);

const folder = temporaryDirectory();
afterAll(() => {
  folder.remove();
});

interface Packed {
  readonly filename: string;
  readonly files: readonly { path: string }[];
}

/** What `npm pack` makes, unpacked where npm would install it, with this project's packages beside it. */
async function installed(): Promise<{ home: string; files: readonly string[] }> {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder.path];
  const { stdout } = await run('npm', args, { cwd: ROOT });
  const answer = JSON.parse(stdout) as Packed[] | Record<string, Packed>;
  const [packed] = Object.values(answer);
  if (!packed) throw new Error('npm packed nothing');
  const home = join(folder.path, 'node_modules/turnkeeper');
  mkdirSync(home, { recursive: true });
  await run('tar', ['-xzf', join(folder.path, packed.filename), '-C', home, '--strip-components=1']);
  symlinkSync(join(ROOT, 'node_modules'), join(home, 'node_modules'));
  return { home, files: packed.files.map(({ path }) => path) };
}

test('the package holds what its users need, nothing else, and runs', async () => {
  const { home, files } = await installed();
  const folders = new Set(files.map((file) => file.split('/')[0]));
  const expected = ['CHANGELOG.md', 'LICENSE', 'README.md', 'alerts', 'dashboards', 'deploy', 'dist', 'docs'];
  expect([...folders].sort()).toEqual([...expected, 'package.json']);
  expect(files.filter((file) => /\.test\.|node_modules|secrets?\.json|\.env|\.key$/.test(file))).toEqual([]);
  const { stdout } = await run(process.execPath, [join(home, 'dist/main.js'), '--version']);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+/);
  const program =
    "const { createReporter } = require('turnkeeper/report'); process.stdout.write(typeof createReporter)";
  expect((await run(process.execPath, ['-e', program], { cwd: folder.path })).stdout).toBe('function');
  expect(existsSync(join(home, 'docs/relay.md'))).toBe(true);
});

const LOADED = /(?:^(?:import|export|\}).* from |import\(|require\()'([^.'\s][^'\s]*)'/gm;

test('every package that the agent loads is one that its users get', () => {
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const loaded = new Set<string>();
  for (const file of readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue;
    const text = readFileSync(join(ROOT, 'src', file), 'utf8').replaceAll(/^import type .*$/gm, '');
    for (const [, name = ''] of text.matchAll(LOADED)) loaded.add(packageOf(name));
  }
  const missing = [...loaded].filter((name) => !isBuiltin(name) && !(name in dependencies));
  expect([loaded.has('express'), loaded.has('ioredis'), missing]).toEqual([true, true, []]);
});

function packageOf(specifier: string): string {
  const parts = specifier.split('/');
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}

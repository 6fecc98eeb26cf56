import { execFile, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'turnkeeper-program-'));

interface Outcome {
  readonly status: number | string | null | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built program as a user would. */
function turnkeeper(args: readonly string[], environment: Record<string, string> = {}): Promise<Outcome> {
  return new Promise((done) => {
    const env = { PATH: process.env['PATH'], ...environment };
    execFile(process.execPath, [join(folder, 'dist/main.js'), ...args], { env }, (error, stdout, stderr) => {
      done({ status: error ? error.code : 0, stdout, stderr });
    });
  });
}

beforeAll(() => {
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const outputs = ['--outDir', join(folder, 'dist'), '--tsBuildInfoFile', join(folder, 'tsbuildinfo')];
  // Its status does not count: it writes the program in spite of type errors, and those are found by check:types.
  spawnSync(process.execPath, [tsc, '-p', join(ROOT, 'tsconfig.build.json'), ...outputs]);
  copyFileSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('the built program', () => {
  it('checks a configuration file', async () => {
    const good = join(folder, 'good.yml');
    writeFileSync(good, 'coturn: { realm: turn.example.org }\n');
    expect(await turnkeeper(['--config.check', `--config.file=${good}`])).toEqual({
      status: 0,
      stdout: 'configuration is valid\n',
      stderr: '',
    });
  });

  it('reports mistakes on standard error, and ends with status 2', async () => {
    const bad = join(folder, 'bad.yml');
    writeFileSync(bad, 'coturn: { relam: x }\ncredentials: { secret: hunter2 }\n');
    const { status, stdout, stderr } = await turnkeeper(['--config.check', '--config.file', bad]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('did you mean coturn.realm?');
    expect(stderr).not.toContain('hunter2');
  });

  it('takes a secret from a file that the environment names', async () => {
    const secret = join(folder, 'secret');
    writeFileSync(secret, 'short\n');
    const { status, stderr } = await turnkeeper(['--config.check'], { TURNKEEPER_CREDENTIALS_SECRET_FILE: secret });
    expect(status).toBe(2);
    expect(stderr).toContain('credentials.secret: must have at least 8 characters');
  });

  it('says what to do where it can not make its data directory', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const { status, stderr } = await turnkeeper([], { TURNKEEPER_DATA_DIR: file });
    expect(status).toBe(2);
    expect(stderr).toMatch(/^turnkeeper: dataDir can't be made \(EEXIST.*\): make it for this user, or choose another/);
  });

  it('knows its version', async () => {
    expect((await turnkeeper(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { check } from '../../../src/config/check';
import type { Config } from '../../../src/config/schema';
import { loadSecrets } from '../../../src/config/secret-store';
import { UserError } from '../../../src/lib/errors';

let folder: string;
let dataDir: string;
let file: string;
let logged: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'turnkeeper-secrets-'));
  dataDir = join(folder, 'a/b/data');
  file = join(dataDir, 'secrets.json');
  logged = [];
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function config(): Config {
  const checked = check([]);
  if (checked.kind === 'invalid') throw new Error('the defaults are not valid');
  return { ...checked.config, dataDir };
}

const load = (given = config()) => loadSecrets(given, pino({ level: 'warn' }, { write: (line) => logged.push(line) }));
const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe('loadSecrets', () => {
  it('makes three different secrets at the first start, and gives the same ones ever after', async () => {
    const first = await load();
    expect(new Set(Object.values(first)).size).toBe(3);
    expect(await load()).toEqual(first);
    expect(logged).toEqual([]);
  });

  it('makes them long, and of characters that need quoting nowhere', async () => {
    for (const secret of Object.values(await load())) expect(secret).toMatch(/^[0-9a-f]{48}$/);
  });

  it('keeps them from other users', async () => {
    await load();
    expect(modeOf(dataDir)).toBe(0o700);
    expect(modeOf(file)).toBe(0o600);
    expect(readdirSync(dataDir)).toEqual(['secrets.json']);
  });

  it('prefers what is configured, and does not write it down', async () => {
    const base = config();
    const secrets = await load({
      ...base,
      credentials: { ...base.credentials, secret: 'configured-secret' },
      sources: { ...base.sources, statsdb: { ...base.sources.statsdb, password: 'configured-password' } },
    });
    expect(secrets).toMatchObject({ authSecret: 'configured-secret', statsdbPassword: 'configured-password' });
    expect(readFileSync(file, 'utf8')).not.toContain('configured');
  });

  it('tightens a file that others could read, and warns without showing it', async () => {
    const { authSecret } = await load();
    chmodSync(file, 0o644);
    expect((await load()).authSecret).toBe(authSecret);
    expect(modeOf(file)).toBe(0o600);
    expect(logged).toHaveLength(1);
    expect(logged[0]).toContain('could be read by other users');
    expect(logged[0]).not.toContain(authSecret);
  });

  it('adds what a file of an older version lacks, and keeps what one of a newer version has', async () => {
    await load();
    const old = { authSecret: 'kept-from-before-0001', ofTomorrow: 'kept as well' };
    writeFileSync(file, JSON.stringify(old));
    const secrets = await load();
    expect(secrets.authSecret).toBe(old.authSecret);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ ...secrets, ofTomorrow: old.ofTomorrow });
  });

  it('is not disturbed by what a crash in the middle of writing left behind', async () => {
    await load();
    rmSync(file);
    writeFileSync(`${file}.tmp`, '{"authSecr', { mode: 0o644 });
    const secrets = await load();
    expect(await load()).toEqual(secrets);
    expect(modeOf(file)).toBe(0o600);
    expect(existsSync(`${file}.tmp`)).toBe(false);
  });

  it.each(['', '{"authSecret":"hunter2hunter2hunter2', '[]', 'null', '{"authSecret":"short"}', '{"cliPassword":7}'])(
    'says what to do about a file that holds %j, leaves it, and does not quote it',
    async (text) => {
      await load();
      writeFileSync(file, text);
      const error = await load().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(UserError);
      expect(String(error)).toMatch(/restore it from a backup, or move it away/);
      expect(String(error)).not.toContain('hunter2');
      expect(readFileSync(file, 'utf8')).toBe(text);
    },
  );

  it('says what to do when the data directory is a file', async () => {
    dataDir = join(folder, 'file');
    writeFileSync(dataDir, '');
    await expect(load()).rejects.toThrow(/can't be kept in .*file\/secrets.json \((EEXIST|ENOTDIR)\): check that/);
  });
});

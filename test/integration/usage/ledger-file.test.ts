import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, statSync, writeFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { createLogger } from '../../../src/lib/logger';
import { LedgerReplaced, type Commit, type LedgerFile } from '../../../src/usage/ledger-file';
import { createSqliteUsage } from '../../../src/usage/sqlite/create';
import { temporaryDirectory } from '../../support/coturn';
import { eventually } from '../../support/eventually';
import { usageRecord } from './store-contract';

const PROGRAM = join(__dirname, '../../fixtures/programs/committer.ts');
const REGISTER = join(__dirname, '../../support/register-typescript.js');

const folder = temporaryDirectory();
let file: string;
let ledger: LedgerFile;
let number = 0;

beforeEach(() => {
  file = join(folder.path, `${++number}.db`);
  ledger = open(file);
});
afterEach(async () => {
  await ledger.close();
});
afterAll(() => {
  folder.remove();
});

function open(path: string): LedgerFile {
  return createSqliteUsage({ file: path, logger: createLogger('silent' as 'error', 'logfmt') }).ledger;
}

const commit = (at: number, records: Commit['records'] = [usageRecord(`c-${at}`)]): Commit => ({
  number: at,
  records,
  blocks: [{ number: at, pieces: [`block ${at}`] }],
  obsolete: [],
});

test('a file is made for its owner alone, remembers its agent, and counts the runs', async () => {
  const first = await ledger.open();
  expect(first).toMatchObject({ run: 1, commit: 0, blocks: [] });
  expect(first.agent).toMatch(/^[0-9a-f]{10}$/);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  await ledger.commit({ ...commit(1), obsolete: [] });
  await ledger.commit({ ...commit(2), obsolete: [1] });
  await ledger.close();
  ledger = open(file);
  const again = await ledger.open();
  expect(again).toEqual({ agent: first.agent, run: 2, commit: 2, blocks: [{ number: 2, text: 'block 2' }] });
});

test('a commit that comes again, because its answer was lost, is done once', async () => {
  await ledger.open();
  await ledger.commit(commit(1));
  await ledger.commit(commit(1, [usageRecord('another')]));
  expect(await ledger.oldest(10)).toMatchObject([{ id: 'c-1' }]);
});

test('records leave the file in their order, when another store has them', async () => {
  await ledger.open();
  await ledger.commit(
    commit(
      1,
      ['a', 'b', 'c'].map((id) => usageRecord(id)),
    ),
  );
  const [first, second] = await ledger.oldest(2);
  expect([first?.id, second?.id, await ledger.count()]).toEqual(['a', 'b', 3]);
  await ledger.forget(second?.place ?? 0);
  expect([(await ledger.oldest(5)).map(({ id }) => id), await ledger.count()]).toEqual([['c'], 1]);
});

test('a process that is killed while it commits has everything that was confirmed in the file, and nothing by halves', async () => {
  let confirmed = 0;
  for (let round = 0; round < 4; round++) {
    const child = spawn(process.execPath, ['-r', REGISTER, PROGRAM, file], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (data: Buffer) => (output += data.toString()));
    const before = confirmed;
    await eventually('the program has committed some', () => output.split('\n').length > 20 + round * 7);
    child.kill('SIGKILL');
    await once(child, 'close');
    confirmed = Number(output.trimEnd().split('\n').at(-1));
    expect(confirmed).toBeGreaterThan(before);
    const check = open(file);
    const { commit: last, blocks } = await check.open();
    expect(last).toBeGreaterThanOrEqual(confirmed);
    expect(blocks).toEqual([{ number: last, text: `block ${last}` }]);
    expect(await check.count()).toBe(last * 3);
    await check.close();
  }
});

test('a lock of another program is an error that says so, and the commit is done when it is gone', async () => {
  await ledger.open();
  const other = new Database(file);
  other.exec('BEGIN EXCLUSIVE');
  await expect(ledger.commit(commit(1))).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('another program holds a lock') as string,
  });
  other.exec('ROLLBACK');
  other.close();
  await ledger.commit(commit(1));
  expect(await ledger.count()).toBe(1);
});

test('a file that is no database is put aside, and begun anew', async () => {
  writeFileSync(file, 'this is not a database, and longer than the header of one. '.repeat(100));
  expect(await ledger.open()).toMatchObject({ run: 1, blocks: [] });
  await ledger.commit(commit(1));
  const aside = readdirSync(folder.path).filter((name) => name.startsWith(`${number}.db.damaged-`));
  expect(aside).toHaveLength(1);
});

test('damage that shows while it is used is said once, and the next file takes everything', async () => {
  await ledger.open();
  for (let at = 1; at <= 40; at++) {
    await ledger.commit(
      commit(
        at,
        Array.from({ length: 50 }, (_, i) => usageRecord(`c-${at}-${i}`)),
      ),
    );
  }
  await ledger.close();
  const damaged = Buffer.alloc(statSync(file).size - 4096, 0x5a);
  execFileSync('dd', [`of=${file}`, 'bs=4096', 'seek=1', 'conv=notrunc', 'status=none'], { input: damaged });
  ledger = open(file);
  // Where it does not show when the file is opened, it does when it is written.
  const failure = await ledger
    .open()
    .then(({ commit: last }) => (last === 40 ? ledger.commit(commit(41)) : undefined))
    .catch((error: unknown) => error);
  if (failure !== undefined) expect(failure).toBeInstanceOf(LedgerReplaced);
  const { commit: last } = await ledger.open();
  await ledger.commit(commit(last + 1));
  expect(await ledger.count()).toBeGreaterThan(0);
  expect(readdirSync(folder.path).some((name) => name.startsWith(`${number}.db.damaged-`))).toBe(true);
});

test('a file of a newer version is left alone, and that is said', async () => {
  await ledger.open();
  await ledger.close();
  const other = new Database(file);
  other.pragma('user_version = 99');
  other.close();
  ledger = open(file);
  await expect(ledger.open()).rejects.toMatchObject({ code: 'bad_config' });
});

test('two processes that open a new file at once make it once', async () => {
  const others = [open(file), open(file), open(file)];
  const opened = await Promise.all([ledger, ...others].map((one) => one.open()));
  expect(new Set(opened.map(({ agent }) => agent)).size).toBe(1);
  expect(opened.map(({ run }) => run).sort()).toEqual([1, 2, 3, 4]);
  await Promise.all(others.map((one) => one.close()));
});

describe('on a disk of its own', () => {
  let disk: string;
  let isMounted = false;

  beforeAll(() => {
    disk = join(folder.path, 'disk');
    mkdirSync(disk);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', disk], { stdio: 'pipe' });
      isMounted = true;
    } catch {
      process.stderr.write('no tmpfs can be mounted here: a full disk is not tried\n');
    }
  });
  afterAll(() => {
    if (isMounted) execFileSync('umount', ['-l', disk]);
  });

  test('a full disk is an error that says so, nothing is done by halves, and it goes on when there is room', async () => {
    if (!isMounted) return;
    ledger = open(join(disk, 'usage.db'));
    await ledger.open();
    writeFileSync(join(disk, 'filler'), Buffer.alloc(12e6));
    let done = 0;
    let failure: unknown;
    while (failure === undefined && done < 1000) {
      const records = Array.from({ length: 2000 }, (_, i) => usageRecord(`f-${done}-${i}`));
      await ledger.commit(commit(done + 1, records)).then(
        () => done++,
        (error: unknown) => (failure = error),
      );
    }
    expect(failure).toMatchObject({ code: 'unavailable', message: expect.stringMatching(/disk/) as string });
    rmSync(join(disk, 'filler'));
    await ledger.commit(commit(done + 1));
    expect(await ledger.count()).toBe(done * 2000 + 1);
  });

  test('a disk that became read-only is an error that says so, and it goes on when it is writable again', async () => {
    if (!isMounted) return;
    ledger = open(join(disk, 'read-only.db'));
    await ledger.open();
    await ledger.commit(commit(1));
    await ledger.close();
    execFileSync('mount', ['-o', 'remount,ro', disk]);
    await expect(ledger.commit(commit(2))).rejects.toMatchObject({ code: 'unavailable' });
    execFileSync('mount', ['-o', 'remount,rw', disk]);
    await ledger.commit(commit(2));
    expect(await ledger.count()).toBe(2);
  });
});

import { join } from 'node:path';
import { SqliteThread, type Statement } from '../../../src/usage/sqlite/sqlite-thread';
import { temporaryDirectory } from '../../support/coturn';

const folder = temporaryDirectory();
const thread = new SqliteThread();
const insert = (...numbers: number[]): Statement => ({
  sql: 'INSERT INTO numbers VALUES (?)',
  rows: numbers.map((number) => [number]),
});
const replaceAbove = (number: number): Statement => ({
  sql: 'UPDATE numbers SET number = ? WHERE number > ?',
  rows: [[number, number]],
  orElseStop: true,
});
const numbers = async (): Promise<unknown[]> =>
  (await thread.query('SELECT number FROM numbers ORDER BY number')).map(({ number }) => number);

beforeEach(async () => {
  await thread.open({ file: join(folder.path, 'numbers.db'), readonly: false, pragmas: [] });
  await thread.script('DROP TABLE IF EXISTS numbers; CREATE TABLE numbers (number INTEGER PRIMARY KEY)');
});
afterAll(async () => {
  await thread.close();
  folder.remove();
});

describe('a transaction', () => {
  test('does all of it, and says how many rows the last statement changed', async () => {
    await expect(thread.transaction([insert(1, 2, 3), insert(4, 5)])).resolves.toBe(2);
    await expect(numbers()).resolves.toEqual([1, 2, 3, 4, 5]);
  });

  test('does nothing of it where a statement fails: neither what stands before that nor behind it', async () => {
    await thread.transaction([insert(1)]);
    await expect(thread.transaction([insert(2), insert(3, 1), insert(4), insert(5)])).rejects.toMatchObject({
      code: 'SQLITE_CONSTRAINT_PRIMARYKEY',
    });
    await expect(numbers()).resolves.toEqual([1]);
    await expect(thread.transaction([insert(6)])).resolves.toBe(1);
    await expect(numbers()).resolves.toEqual([1, 6]);
  });

  test('leaves out what stands behind a statement that changed nothing, where it shall, and no more than that', async () => {
    await expect(thread.transaction([insert(1), replaceAbove(1), insert(2)])).resolves.toBe(0);
    await expect(thread.transaction([insert(3), replaceAbove(2), insert(4)])).resolves.toBe(1);
    await expect(numbers()).resolves.toEqual([1, 2, 4]);
  });

  test('is never mixed with another, nor seen half done, when both are asked for at once', async () => {
    const failing = thread.transaction([insert(1), insert(1), insert(2)]).catch(() => 'failed');
    const between = numbers();
    const good = thread.transaction([insert(7), insert(8)]);
    await expect(Promise.all([failing, between, good])).resolves.toEqual(['failed', [], 1]);
    await expect(numbers()).resolves.toEqual([7, 8]);
  });
});

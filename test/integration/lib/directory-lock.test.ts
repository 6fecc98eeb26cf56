import { createServer } from 'node:net';
import { statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { lockDirectory } from '../../../src/lib/directory-lock';
import { temporaryDirectory } from '../../support/coturn';
import { startProgram, type Program } from '../../support/program';

const now = Date.parse('2026-11-21T00:00:00Z');
let directory: ReturnType<typeof temporaryDirectory>;
let holder: Program | undefined;

beforeEach(() => {
  directory = temporaryDirectory();
});

afterEach(async () => {
  await holder?.kill();
  holder = undefined;
  directory.remove();
});

test('the second is refused, and told who holds it', async () => {
  const lock = await lockDirectory(directory.path, now);
  await expect(lockDirectory(directory.path, now)).rejects.toThrow(
    `(pid ${process.pid}, since 2026-11-21T00:00:00.000Z)`,
  );
  await lock.release();
});

test('a released directory can be locked again', async () => {
  await (await lockDirectory(directory.path, now)).release();
  await (await lockDirectory(directory.path, now)).release();
});

test('the same directory by another path is the same', async () => {
  const link = join(directory.path, 'link');
  symlinkSync(directory.path, link);
  const lock = await lockDirectory(directory.path, now);
  await expect(lockDirectory(link, now)).rejects.toThrow('Another turnkeeper');
  await lock.release();
});

test('another process is refused while the holder lives, and let in once it was killed', async () => {
  holder = await startProgram('lock-holder.ts', directory.path);
  await expect(lockDirectory(directory.path, now)).rejects.toThrow(`pid ${holder.pid}`);
  await holder.kill();
  await (await lockDirectory(directory.path, now)).release();
});

test('a holder that talks nonsense is refused all the same, without repeating it', async () => {
  const { dev, ino } = statSync(directory.path);
  const nonsense = createServer((socket) => socket.on('error', () => undefined).end('x'.repeat(100_000)));
  await new Promise<void>((resolve) => nonsense.listen(`\0turnkeeper-${dev}:${ino}`, resolve));
  await expect(lockDirectory(directory.path, now)).rejects.toThrow('(it does not say its pid)');
  await new Promise((resolve) => nonsense.close(resolve));
});

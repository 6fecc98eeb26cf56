import { spawnSync } from 'node:child_process';
import { truncateSync } from 'node:fs';
import { sizeOf } from './log-files';

const LIMIT_MS = 5_000;

/**
 * Takes the room on the disk that a log may come to need, up to `bytes`; what the file holds does not change. A coturn
 * that can't write a line (4.6.1, `turn_log_func_default`) goes over to a file of its own choice, such as
 * /var/log/turn.log, for as long as it runs: what happens after a moment of a full disk would stand there, unread. False:
 * the room is not there. Where nobody can take room in advance (no `fallocate`, another kind of disk), all stays as it is.
 * For a file that nobody writes just now.
 */
export function reserveSpace(path: string, bytes: number): boolean {
  const size = sizeOf(path);
  if (size >= bytes) return true;
  const range = ['--offset', String(size), '--length', String(Math.ceil(bytes - size))];
  const { status, stderr } = spawnSync('fallocate', ['--keep-size', ...range, path], {
    env: { ...process.env, LC_ALL: 'C' },
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: LIMIT_MS,
  });
  if (status === 0 || !String(stderr).includes('No space left')) return true;
  // What it did get is given back.
  truncateSync(path, size);
  return false;
}

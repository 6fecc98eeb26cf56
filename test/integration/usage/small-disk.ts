import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { systemCode } from '../../../src/lib/errors';
import { temporaryDirectory } from '../../support/coturn';

/** A file system of its own, that can be full, or read-only. */
export class SmallDisk {
  readonly path: string;
  private readonly folder = temporaryDirectory();

  private constructor(megabytes: number) {
    this.path = join(this.folder.path, 'disk');
    mkdirSync(this.path);
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'turnkeeper-test', this.path], { stdio: 'pipe' });
  }

  /** Undefined where this user may not mount one: then that is said, and what needs it is to be left out. */
  static mount(megabytes: number): SmallDisk | undefined {
    try {
      return new SmallDisk(megabytes);
    } catch {
      process.stderr.write('no tmpfs can be mounted here (that needs root): full and read-only disks are not tried\n');
      return undefined;
    }
  }

  /** Leaves not a page free. */
  fill(): void {
    const file = openSync(join(this.path, 'ballast'), 'w');
    try {
      for (const size of [1 << 20, 4096]) while (writes(file, Buffer.alloc(size)));
    } finally {
      closeSync(file);
    }
  }

  makeRoom(): void {
    rmSync(join(this.path, 'ballast'), { force: true });
  }

  /** Throws while a file on it is open for writing. */
  remount(as: 'ro' | 'rw'): void {
    execFileSync('mount', ['-o', `remount,${as}`, this.path], { stdio: 'pipe' });
  }

  remove(): void {
    execFileSync('umount', ['-l', this.path]);
    this.folder.remove();
  }
}

function writes(file: number, bytes: Buffer): boolean {
  try {
    return writeSync(file, bytes) === bytes.length;
  } catch (error) {
    if (systemCode(error) === 'ENOSPC') return false;
    throw error;
  }
}

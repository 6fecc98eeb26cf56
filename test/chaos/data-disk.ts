import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const SIZE_MEGABYTES = 96;
const CHUNKS = [1 << 20, 4096];

/** The agent's data directory: on a small file system of its own where we may mount one, so that it can be full. */
export class DataDisk {
  private constructor(
    readonly path: string,
    /** Whether it can be full. */
    readonly isOwn: boolean,
  ) {}

  static create(path: string): DataDisk {
    mkdirSync(path, { mode: 0o700 });
    if (process.getuid?.() !== 0) return new DataDisk(path, false);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_MEGABYTES}m,mode=0700`, 'turnkeeper-chaos', path]);
      return new DataDisk(path, true);
    } catch {
      return new DataDisk(path, false); // A container without that right.
    }
  }

  /** Leaves not a page free. */
  fill(): void {
    const file = openSync(this.ballast, 'w');
    try {
      for (const size of CHUNKS) while (writes(file, Buffer.alloc(size))); // Until there is no room.
    } finally {
      closeSync(file);
    }
  }

  free(): void {
    rmSync(this.ballast, { force: true });
  }

  remove(): void {
    if (this.isOwn) execFileSync('umount', [this.path]);
  }

  private get ballast(): string {
    return join(this.path, 'ballast');
  }
}

function writes(file: number, bytes: Buffer): boolean {
  try {
    return writeSync(file, bytes) === bytes.length;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return false;
    throw error;
  }
}

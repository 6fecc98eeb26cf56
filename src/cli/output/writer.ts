import type { Writable } from 'node:stream';

/** Writes so that only one chunk at a time is under way: a slow reader slows whoever awaits, and nothing piles up. */
export function writerOf(stream: Writable): (chunk: string | Uint8Array) => Promise<void> {
  return (chunk) =>
    new Promise((resolve, reject) => {
      stream.write(chunk, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
}

import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { systemCode, UserError } from '../lib/errors';
import { writeFileAtomically } from '../lib/write-file-atomically';
import type { Ring } from './ring';

/** A ring in a file of its own, 0600. */
export class RingFile<T> {
  private readonly schema: z.ZodType<Ring<T>>;

  constructor(
    private readonly path: string,
    value: z.ZodType<T>,
  ) {
    const entry = z.object({ value, madeAt: z.number() });
    const old = z.array(z.object({ value, madeAt: z.number(), until: z.number() }));
    this.schema = z.object({ current: entry, next: entry.optional(), old });
  }

  /** Undefined: there is none yet. Throws a UserError where it does not hold what it should. */
  async read(): Promise<Ring<T> | undefined> {
    const text = await readFile(this.path, 'utf8').catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    });
    if (text === undefined) return undefined;
    try {
      return this.schema.parse(JSON.parse(text));
    } catch {
      // The parser's own message would quote the text.
      const advice = 'restore it from a backup, or move it away to begin anew (credentials of before stop working)';
      throw new UserError('bad_config', `${this.path} does not hold the credentials' secrets: ${advice}.`);
    }
  }

  async write(ring: Ring<T>): Promise<void> {
    await writeFileAtomically(this.path, `${JSON.stringify(ring, null, 2)}\n`);
  }
}

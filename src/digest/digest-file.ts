import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { messageOf, systemCode } from '../lib/errors';
import type { Logger } from '../lib/logger';
import { writeFileAtomically } from '../lib/write-file-atomically';

const told = z.object({
  /** What arrived later has not been told of; milliseconds since the epoch. */
  until: z.number(),
  /** Where reading goes on: sessions that ended from then on... */
  from: z.number(),
  /** ...and whose record stands after this one. */
  last: z.object({ place: z.number(), id: z.string() }).optional(),
});
/** What one channel has been told. */
export type Told = z.output<typeof told>;

const stored = z.object({ email: told.optional(), webhook: told.optional() });
export type ToldChannels = z.output<typeof stored>;

/** What has been told, kept over restarts. */
export class DigestFile {
  constructor(
    private readonly path: string,
    private readonly logger: Logger,
  ) {}

  /** Empty where there is none yet, or none that can be read: digests begin anew then. */
  async read(): Promise<ToldChannels> {
    try {
      return stored.parse(JSON.parse(await readFile(this.path, 'utf8')));
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') {
        const what = { file: this.path, why: messageOf(error) };
        this.logger.warn(what, 'what digests have told of can not be read: they begin anew from now');
      }
      return {};
    }
  }

  async write(channels: ToldChannels): Promise<void> {
    await writeFileAtomically(this.path, `${JSON.stringify(channels)}\n`);
  }
}

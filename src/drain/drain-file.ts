import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { z } from 'zod';
import { systemCode } from '../lib/errors';
import { writeFileAtomically } from '../lib/write-file-atomically';

const drainRecord = z.object({
  bootId: z.string(),
  /** `Clock.monotonic()` of that boot. */
  startedAt: z.number(),
  deadline: z.number(),
});

/** When a drain began, and when it ends what is left. */
export type DrainRecord = Pick<z.output<typeof drainRecord>, 'startedAt' | 'deadline'>;

/** Keeps a drain beyond a crash of the agent, for as long as the machine runs. */
export class DrainFile {
  constructor(
    private readonly path: string,
    private readonly bootId: string,
  ) {}

  /** undefined where there is none, of this boot, or what is there makes no sense. */
  read(): DrainRecord | undefined {
    const record = drainRecord.safeParse(parseJson(this.text())).data;
    return record?.bootId === this.bootId ? record : undefined;
  }

  async write({ startedAt, deadline }: DrainRecord): Promise<void> {
    await writeFileAtomically(this.path, `${JSON.stringify({ bootId: this.bootId, startedAt, deadline })}\n`);
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true });
  }

  private text(): string {
    try {
      return readFileSync(this.path, 'utf8');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return '';
      throw error;
    }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

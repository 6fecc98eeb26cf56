import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import { messageOf, systemCode, UserError } from '../../lib/errors';
import type { Terminal } from '../terminal';

const UNFINISHED = '.part';

/** Where the result of a command goes. */
export interface Sink {
  /** Resolves when more may come. */
  readonly write: (chunk: string | Uint8Array) => Promise<void>;
  /** Everything has been written. */
  readonly commit: () => Promise<void>;
  /** What was written is not whole. */
  readonly discard: () => Promise<void>;
}

/** Lets `use` write to a file, or to standard output where none is named. */
export async function withSink<T>(
  file: string | undefined,
  terminal: Terminal,
  use: (sink: Sink) => Promise<T>,
): Promise<T> {
  const sink = file === undefined ? standardOutput(terminal) : await openFile(file);
  try {
    const result = await use(sink);
    await sink.commit();
    return result;
  } catch (error) {
    await sink.discard();
    throw error;
  }
}

function standardOutput({ write }: Terminal): Sink {
  const nothing = (): Promise<void> => Promise.resolve();
  return { write: (chunk) => write(chunk).catch(refuse('standard output')), commit: nothing, discard: nothing };
}

/**
 * A regular file gets its name when it is whole, so that a failed export leaves the one of yesterday. Throws UserError
 * `unavailable` where it can't be written.
 */
async function openFile(file: string): Promise<Sink> {
  const failed = refuse(file);
  const path = await realpath(file).catch(() => file);
  const isSpecial = await stat(path).then(
    (found) => !found.isFile(), // a FIFO, /dev/null
    () => false,
  );
  const written = isSpecial ? path : `${path}${UNFINISHED}`;
  const handle = await open(written, 'w').catch(failed);
  return {
    write: (chunk) => handle.writeFile(chunk).catch(failed), // from where the last one ended
    commit: async () => {
      await handle.close().catch(failed);
      if (!isSpecial) await rename(written, path).catch(failed);
    },
    discard: async () => {
      await handle.close().catch(() => undefined);
      if (!isSpecial) await rm(written, { force: true });
    },
  };
}

/** A broken pipe stays what it is: whoever read has had enough. */
function refuse(where: string): (error: unknown) => never {
  return (error) => {
    if (systemCode(error) === 'EPIPE') throw error;
    throw new UserError('unavailable', `Can't write to ${where}: ${messageOf(error)}.`, { cause: error });
  };
}

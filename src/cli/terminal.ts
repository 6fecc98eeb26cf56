/** What a command reads and writes: the process, or a test. */
export interface Terminal {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Writes to standard output. Resolves when it took the chunk; rejects with the system's error (`EPIPE`, `ENOSPC`). */
  readonly write: (chunk: string | Uint8Array) => Promise<void>;
  /** How wide standard output is, in characters; undefined where it is not a terminal. */
  readonly columns: number | undefined;
  /** Whether standard error is a terminal, where somebody may watch. */
  readonly watched: boolean;
}

/** Exit statuses, as the shell's own: 2 is a mistake of whoever typed or configured, 141 a pipe that nobody reads (SIGPIPE). */
export const EXIT = { ok: 0, failure: 1, usage: 2, brokenPipe: 141 } as const;

/** For what is not a terminal, and for terminals that don't know their own width. */
export const USUAL_COLUMNS = 80;

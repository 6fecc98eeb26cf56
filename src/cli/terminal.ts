/** What a command reads and writes: the process, or a test. */
export interface Terminal {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
}

/** Exit statuses, as the shell's own: 2 is a mistake of whoever typed or configured. */
export const EXIT = { ok: 0, failure: 1, usage: 2 } as const;

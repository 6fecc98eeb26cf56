/** An agent's last sign of life; `beat` is another one each time. */
export interface Sign {
  readonly agent: string;
  readonly beat: string;
}

export interface DepartedOptions {
  /** Who is missing for so long does not come back. */
  readonly afterMs: number;
  /** Between two looks. One that comes later proves nothing of the time before it: this process itself may have slept. */
  readonly patienceMs: number;
}

interface Silence {
  readonly beat: string;
  readonly since: number;
}

/**
 * Who has gone and not come back: agents that were missing, and gave no sign of life, at every look for long enough. No
 * clock but this process' own counts, and only time in which it could see.
 */
export class Departed {
  private readonly silent = new Map<string, Silence>();
  private lookedAt: number | undefined;

  constructor(private readonly options: DepartedOptions) {}

  /** A look: `missing` are all agents that are not where they should be. `now`: monotonic. */
  longMissing<T extends Sign>(missing: readonly T[], now: number): T[] {
    const { afterMs, patienceMs } = this.options;
    if (this.lookedAt === undefined || now - this.lookedAt > patienceMs) this.silent.clear();
    this.lookedAt = now;
    const agents = new Set(missing.map(({ agent }) => agent));
    for (const agent of this.silent.keys()) if (!agents.has(agent)) this.silent.delete(agent);
    return missing.filter((sign) => now - this.silentSince(sign, now) >= afterMs);
  }

  /** Who is missing could not be told: time begins anew for all. */
  seenNothing(): void {
    this.silent.clear();
  }

  private silentSince({ agent, beat }: Sign, now: number): number {
    const known = this.silent.get(agent);
    if (known?.beat === beat) return known.since;
    this.silent.set(agent, { beat, since: now });
    return now;
  }
}

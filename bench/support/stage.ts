type End = () => void | Promise<void>;

/** Where one benchmark runs: it knows what was started there, and ends that, however the benchmark went. */
export class Stage {
  private readonly ends: End[] = [];
  private cleared = false;

  /** `nodeFlags`: what Node.js is given to run the agent with. */
  constructor(readonly nodeFlags: readonly string[]) {}

  /** Throws, and ends at once, where the stage was cleared meanwhile: the benchmark took too long. */
  defer(end: End): void {
    this.ends.push(end);
    if (!this.cleared) return;
    void this.clear();
    throw new Error('this benchmark is over');
  }

  /** Throws after all was tried. */
  async clear(): Promise<void> {
    this.cleared = true;
    const results = await Promise.allSettled(this.ends.splice(0).map(async (end) => end()));
    const failures = results.filter((result) => result.status === 'rejected').map((result): unknown => result.reason);
    if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join('; '));
  }
}

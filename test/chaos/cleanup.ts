/** What has to be undone, in the reverse order. */
export class Cleanup {
  private readonly tasks: (() => void | Promise<void>)[] = [];

  defer(task: () => void | Promise<void>): void {
    this.tasks.push(task);
  }

  /** Tries every one; what went wrong. */
  async run(): Promise<unknown[]> {
    const failures: unknown[] = [];
    for (let task = this.tasks.pop(); task; task = this.tasks.pop()) {
      try {
        await task();
      } catch (error) {
        failures.push(error);
      }
    }
    return failures;
  }
}

/** Does one job after the other; what goes wrong in one is told, and the next begins. */
export class JobChain {
  private last: Promise<void> = Promise.resolve();

  constructor(private readonly onError: (error: unknown) => void) {}

  add(job: () => Promise<void>): void {
    this.last = this.last.then(job).catch(this.onError);
  }

  /** Resolves when all that was added before is done. */
  done(): Promise<void> {
    return this.last;
  }
}

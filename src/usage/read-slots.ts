import { UserError } from '../lib/errors';

/** Reads that wait for one before them to end. */
const MAX_WAITING = 32;

interface Waiting {
  readonly count: number;
  readonly admit: () => void;
}

/** Bounds what is read at once: who comes when nothing is free waits, in the order of coming. */
export class ReadSlots {
  private readonly waiting: Waiting[] = [];

  constructor(private free: number) {}

  /**
   * Takes so many slots together: reads that took them one by one could wait for each other for ever. Resolves with
   * what gives them back. Throws UserError `too_many` where too many wait already.
   */
  async take(count = 1): Promise<() => void> {
    if (this.waiting.length >= MAX_WAITING) {
      throw new UserError('too_many', 'Too many requests read usage just now: try again later.');
    }
    if (this.waiting.length === 0 && this.free >= count) this.free -= count;
    else await new Promise<void>((admit) => this.waiting.push({ count, admit }));
    return () => {
      this.free += count;
      this.admitNext();
    };
  }

  private admitNext(): void {
    for (let [next] = this.waiting; next && next.count <= this.free; [next] = this.waiting) {
      this.waiting.shift();
      this.free -= next.count;
      next.admit();
    }
  }
}

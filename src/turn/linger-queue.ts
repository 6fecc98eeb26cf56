interface Lingering {
  readonly slot: number;
  readonly sequence: number;
  readonly dueAt: number;
}

/** Sessions that may have to close, nearly in the order of time: `linger` is the same for all. */
export class LingerQueue {
  private readonly queue: Lingering[] = [];
  private head = 0;

  add(slot: number, sequence: number, dueAt: number): void {
    this.queue.push({ slot, sequence, dueAt });
  }

  /** Takes out those that are due. */
  *due(now: number): Generator<Lingering> {
    for (let first = this.queue[this.head]; first && first.dueAt <= now; first = this.queue[this.head]) {
      this.head++;
      yield first;
    }
    if (this.head > 1024 && this.head * 2 > this.queue.length) {
      this.queue.splice(0, this.head);
      this.head = 0;
    }
  }
}

interface Origin {
  readonly server: string;
  /** By which its source knows it, also in another run of the agent. */
  readonly key: string;
  /** Since when its source hears it without a break; undefined while it does not. */
  heardSince: number | undefined;
}

/** The lives of servers in which coturn's allocation ids are unique, numbered. A number is never given twice. */
export class Origins {
  private readonly open = new Map<number, Origin>();
  private next = 0;

  add(server: string, key: string, now: number): number {
    this.open.set(this.next, { server, key, heardSince: now });
    return this.next++;
  }

  /** One that another run of the agent had; nobody hears it yet. */
  restore(origin: number, server: string, key: string): void {
    this.open.set(origin, { server, key, heardSince: undefined });
    this.next = Math.max(this.next, origin + 1);
  }

  keyOf(origin: number): string {
    return this.open.get(origin)?.key ?? '';
  }

  serverOf(origin: number): string {
    return this.open.get(origin)?.server ?? '';
  }

  all(): number[] {
    return [...this.open.keys()];
  }

  has(origin: number): boolean {
    return this.open.has(origin);
  }

  /** undefined: its source does not hear it, so that silence says nothing of its allocations. */
  heardSince(origin: number): number | undefined {
    return this.open.get(origin)?.heardSince;
  }

  setHeard(origin: number, since: number | undefined): void {
    const known = this.open.get(origin);
    if (known) known.heardSince = since;
  }

  remove(origin: number): void {
    this.open.delete(origin);
  }
}

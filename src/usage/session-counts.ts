/** How many sessions each user has under way. */
export class SessionCounts {
  private readonly counts = new Map<string, number>();

  opened(user: string): void {
    this.counts.set(user, this.of(user) + 1);
  }

  closed(user: string): void {
    const left = this.of(user) - 1;
    if (left > 0) this.counts.set(user, left);
    else this.counts.delete(user);
  }

  of(user: string): number {
    return this.counts.get(user) ?? 0;
  }
}

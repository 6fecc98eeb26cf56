/** How long what a life told nobody may keep sessions open: until it is heard again, and says what is under way. */
const PATIENCE_MS = 30_000;

/**
 * Whether the life of coturn that runs is heard: all of its stats connections are there, and what it had under way
 * when they came was listed. Times are those of `Clock.monotonic()`.
 */
export class Hearing {
  /** The life that runs, or ran last in this run of the agent. */
  life: number | undefined;
  isOver = false;
  private deafSince: number | undefined;

  begin(life: number): void {
    this.life = life;
    this.isOver = false;
    this.deafSince = undefined;
  }

  end(life: number): void {
    if (life !== this.life) return;
    this.isOver = true;
    this.deafSince = undefined;
  }

  lost(life: number, now: number): void {
    if (life === this.life && !this.isOver) this.deafSince ??= now;
  }

  heard(life: number): void {
    if (life === this.life) this.deafSince = undefined;
  }

  /** Whether what ends now may be told to nobody, so that what is known of a session is not all of it. */
  isDeaf(now: number): boolean {
    return this.deafSince !== undefined && now < this.deafSince + PATIENCE_MS;
  }
}

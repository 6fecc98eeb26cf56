import type { LogSession } from './log-line';

/** Something about each of the last `limit` sessions; the oldest is forgotten first. */
export class RecentSessions<Value> {
  private readonly values = new Map<string, Value>();

  constructor(private readonly limit: number) {}

  put(session: LogSession, value: Value): void {
    const key = keyOf(session);
    this.values.delete(key);
    this.values.set(key, value);
    if (this.values.size > this.limit) this.forgetOldest();
  }

  /** What was put last, once. */
  take(session: LogSession): Value | undefined {
    const key = keyOf(session);
    const value = this.values.get(key);
    if (value !== undefined) this.values.delete(key);
    return value;
  }

  private forgetOldest(): void {
    for (const key of this.values.keys()) {
      this.values.delete(key);
      return;
    }
  }
}

function keyOf({ high, low }: LogSession): string {
  return `${high}-${low}`;
}

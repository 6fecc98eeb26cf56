import type { LogPlace, LogPosition } from '../coturn/log-place';
import type { LogTime } from '../coturn/log-header';
import type { Clock } from '../lib/clock';

/** One life of the agent's own coturn, as far as its log is concerned. */
export interface LogLife {
  readonly number: number;
  /** Where what it writes begins; undefined where nobody took note. */
  readonly start: LogPosition | undefined;
  /** By `Clock.monotonic()`. */
  readonly startedAt: number;
  /** From here on it may have told things that nobody heard. */
  gap: LogPlace | undefined;
  /** It began before this run of the agent. */
  readonly kept: boolean;
  /** In the relay, once it has ended: the stats source knows no other then. */
  origin?: number;
}

/** The lives whose sessions are not all settled, in their order. */
export class LogLives {
  private readonly lives = new Map<number, LogLife>();

  all(): LogLife[] {
    return [...this.lives.values()];
  }

  get(number: number): LogLife | undefined {
    return this.lives.get(number);
  }

  add(life: LogLife): void {
    this.lives.set(life.number, life);
  }

  ended(number: number, origin: number): void {
    const life = this.lives.get(number);
    if (life) life.origin = origin;
  }

  remove(number: number): void {
    this.lives.delete(number);
  }

  /** Where the life after this one begins to write; undefined where there is none. */
  endOf(number: number): LogPosition | undefined {
    return this.all().find((life) => life.number > number && life.start !== undefined)?.start;
  }
}

/** A time in the log by `Clock.monotonic()`; between the life's start and now, whatever the log says. */
export function monotonicOf(time: LogTime, life: LogLife, clock: Clock): number {
  const now = clock.monotonic();
  const at = time.kind === 'since_start' ? life.startedAt + time.seconds * 1000 : time.ms - clock.now() + now;
  return Math.min(now, Math.max(life.startedAt, at));
}

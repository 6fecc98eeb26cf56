import { hash, randomBytes } from 'node:crypto';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Limit } from '../config/limits';

/** Counts what each subject takes within a limit's time, from the first that it takes. */
export interface WindowCounter {
  /** Takes one: 0, or for how long there is none left, milliseconds. */
  take(subject: string): Promise<number>;
  giveBack(subject: string): Promise<void>;
}

/** For subjects of which there are few, such as the configured keys: each is kept. */
export function countEach({ count, seconds }: Limit): WindowCounter {
  const limiter = new RateLimiterMemory({ points: count, duration: seconds });
  return {
    take: (subject) =>
      limiter.consume(subject).then(
        () => 0,
        (refused: unknown) => {
          if (refused instanceof RateLimiterRes) return Math.max(1, refused.msBeforeNext);
          throw refused;
        },
      ),
    giveBack: async (subject) => {
      await limiter.reward(subject);
    },
  };
}

/**
 * For whatever strangers send: subjects share 65,536 counters, by a hash whose salt is this run's own, so that memory is
 * bounded (25 MB when all are in use) and nobody can choose whose counter to share. What that costs: of n subjects that are active at a time, one in
 * 65,536/n shares with another, and the two are limited together.
 */
export function countHashed(limit: Limit): WindowCounter {
  const salt = randomBytes(16).toString('hex');
  const slot = (subject: string): string => hash('sha256', salt + subject, 'hex').slice(0, 4);
  const counter = countEach(limit);
  return {
    take: (subject) => counter.take(slot(subject)),
    giveBack: (subject) => counter.giveBack(slot(subject)),
  };
}

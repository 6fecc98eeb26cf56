import { z } from 'zod';
import { duration, waitingTime } from './units';

/** How one of several relays that would do is chosen. */
export const STRATEGIES = ['least-used', 'most-used', 'last-used', 'round-robin', 'random', 'weighted'] as const;
export type Strategy = (typeof STRATEGIES)[number];

/** Longer than any call is set up; what is reserved longer would be forgotten somewhere. Seconds. */
export const MAX_RESERVE_SECONDS = 3600;

/** `registry.assign`: which relay a call is sent to. */
export const assign = z.strictObject({
  /** Where a request names none. */
  strategy: z.enum(STRATEGIES).default('least-used'),
  /** For how long a task keeps its relay. */
  reserve: duration
    .refine((seconds) => seconds >= 1 && seconds <= MAX_RESERVE_SECONDS, 'must be from 1s to 1h')
    .default(60),
  /** What a reservation takes of a relay's room until its traffic shows. */
  reserveMbps: z.number().min(0).max(10_000).default(2),
  /** A relay with less room gets no calls. */
  minFreeMbps: z.number().min(0).max(1e9).default(10),
  /** Nor does one with so many allocations open. */
  maxAllocations: z.int().min(1).default(10_000),
  /** With an older view of the fleet nothing is assigned. Unset: five times registry.sessionTimeout. */
  maxViewAge: waitingTime.optional(),
});

export type AssignConfig = z.output<typeof assign>;

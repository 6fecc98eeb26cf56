import { z } from 'zod';
import { count, seconds, time } from './answer-schema';

const MAX_SECONDS = 86_400;
const EXPECTED = `expected a number of seconds from 0 to ${MAX_SECONDS}`;

export const drainBody = z.strictObject({
  deadlineSeconds: z
    .number(EXPECTED)
    .min(0, EXPECTED)
    .max(MAX_SECONDS, EXPECTED)
    .optional()
    .describe('how long sessions may go on; 0: not at all; without it the drain.deadline of the configuration'),
});

const left = {
  allocations: count.describe('that are open on the relay'),
  sessions: count.describe('that have one of these'),
};

export const drainAnswer = z.discriminatedUnion('state', [
  z.object({ state: z.literal('serving'), ...left }),
  z.object({
    state: z
      .enum(['draining', 'ending', 'overdue', 'drained'])
      .describe('overdue: the deadline has come, and somebody else runs coturn, so that the agent can end nothing'),
    ...left,
    startedAt: time,
    deadlineAt: time.describe('what is open then is ended'),
    secondsLeft: seconds.describe('until then'),
    refusing: z.boolean().describe('whether coturn refuses new allocations'),
    ended: count.describe('allocations that the deadline ended'),
  }),
]);
export type DrainAnswer = z.output<typeof drainAnswer>;

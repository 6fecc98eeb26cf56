import { z } from 'zod';
import { count, duration } from './text/human';

const left = { allocations: z.number(), sessions: z.number() };

/** What the commands show of the API's answer. */
export const drainStatus = z.discriminatedUnion('state', [
  z.object({ state: z.literal('serving'), ...left }),
  z.object({
    state: z.enum(['draining', 'ending', 'overdue', 'drained']),
    ...left,
    secondsLeft: z.number(),
    refusing: z.boolean(),
    ended: z.number(),
  }),
]);
export type DrainStatus = z.output<typeof drainStatus>;

export function drainSentence(status: DrainStatus): string {
  switch (status.state) {
    case 'serving':
      return `The relay is in service, with ${leftOver(status)}.`;
    case 'draining':
      return `Draining: ${leftOver(status)} left, for ${duration(status.secondsLeft)} at most${doubt(status)}.`;
    case 'ending':
      return `The deadline has come: ${leftOver(status)} are being ended.`;
    case 'overdue':
      return `The deadline has come with ${leftOver(status)} left: somebody else runs coturn, so end them there.`;
    case 'drained':
      return `Drained: nothing is left on the relay${cutOff(status.ended)}.`;
  }
}

function leftOver({ allocations, sessions }: DrainStatus): string {
  return `${counted(allocations, 'allocation')} in ${counted(sessions, 'session')}`;
}

function counted(number: number, what: string): string {
  return `${count(number)} ${what}${number === 1 ? '' : 's'}`;
}

function doubt({ refusing }: { refusing: boolean }): string {
  return refusing ? '' : ' (clients that hold a credential can still make some)';
}

function cutOff(ended: number): string {
  return ended === 0 ? '' : `; ${counted(ended, 'allocation')} ended at the deadline`;
}

import { z } from 'zod';
import { MAX_RESERVE_SECONDS, STRATEGIES } from '../config/assign';
import { time } from './answer-schema';
import { credentialAnswer } from './credentials-schema';
import { relayAnswer } from './relays-schema';

/** ISPs and regions as relays may have them. */
const label = z.string().regex(/^[^\p{C}]{1,64}$/u, 'expected 1 to 64 printable characters');

export const task = z
  .string()
  .regex(/^[^\p{C}]{1,256}$/u, 'expected 1 to 256 printable characters')
  .describe('what the relay is for, such as a call or a room: whoever asks for it again gets the same relay');

export const assignBody = z.strictObject({
  task,
  user: z.string().optional().describe('as of `POST /v1/credentials`'),
  isp: label.optional().describe("the client's; relays for certain ISPs alone are chosen for no other"),
  region: label.optional().describe('preferred; next the nearest, then any'),
  strategy: z.enum(STRATEGIES).optional(),
  reserveSeconds: z
    .number()
    .min(1)
    .max(MAX_RESERVE_SECONDS)
    .optional()
    .describe('for how long the task keeps its relay'),
  ttl: z.number().optional().describe('of the credential, seconds'),
});

export const assignAnswer = credentialAnswer
  .extend({
    relay: relayAnswer,
    why: z.string().describe('why this relay, as a sentence'),
    reservedUntil: time,
    shared: z.boolean().describe('whether the other agents know; false while ZooKeeper is away'),
  })
  .meta({ id: 'Assignment' });
export type AssignAnswer = z.output<typeof assignAnswer>;

export const releaseAnswer = z.object({ released: z.boolean().describe('false: nothing was reserved') });

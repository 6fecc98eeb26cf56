import { z } from 'zod';
import { TRANSPORTS } from '../turn/transport';
import { count, seconds, time, traffic } from './answer-schema';
import { cursor, name, wholeNumber } from './query';

export const sessionsQuery = z.strictObject({
  user: name.optional().describe('a user name, or a `userId`: with the label where one rides in it'),
  realm: name.optional(),
  after: cursor.optional(),
  limit: wholeNumber(1000).default(100),
});

export const noQuery = z.strictObject({});

const allocation = z
  .object({
    id: z.string().describe("coturn's, 18 digits"),
    transport: z.enum(TRANSPORTS),
    client: z.string().describe('`ip:port`, or empty where coturn did not tell'),
    startedAt: time,
    expiresInSeconds: seconds,
    clientReceivedBytes: count,
    clientSentBytes: count,
    peerReceivedBytes: count,
    peerSentBytes: count,
  })
  .readonly()
  .meta({ id: 'Allocation' });
export type AllocationAnswer = z.output<typeof allocation>;

/** Whose session it is. */
export const sessionOwner = {
  id: z.string().describe('of the session and of its usage record'),
  server: z.string(),
  realm: z.string(),
  userId: z.string().describe('the part of the user name after the REST separator, or the whole name'),
  username: z.string(),
};

export const sessionTransports = z.array(z.enum(TRANSPORTS)).readonly();

export const sessionAnswer = z
  .object({
    ...sessionOwner,
    startedAt: time,
    durationSeconds: seconds,
    relayed: z.boolean().describe('whether any peer traffic has passed'),
    ...traffic,
    transports: sessionTransports,
    allocations: z.array(allocation).readonly().describe('those that are open'),
  })
  .readonly()
  .meta({ id: 'Session' });
export type SessionAnswer = z.output<typeof sessionAnswer>;

export const sessionsAnswer = z.object({
  sessions: z.array(sessionAnswer),
  next: z.string().optional().describe('`after` of the next page; not there on the last'),
});

export const endingAnswer = z.object({
  id: z.string(),
  allocations: count.describe('how many there were'),
  open: z.array(z.string()).describe('those that are still open after the stop timeout'),
});

import { z } from 'zod';

/** What the commands show of the API's answers. Fields that a newer agent adds are passed over. */
const traffic = {
  clientReceivedBytes: z.number(),
  clientReceivedPackets: z.number(),
  clientSentBytes: z.number(),
  clientSentPackets: z.number(),
  peerReceivedBytes: z.number(),
  peerReceivedPackets: z.number(),
  peerSentBytes: z.number(),
  peerSentPackets: z.number(),
};

const time = z.iso.datetime().transform((text) => new Date(text));

const session = {
  id: z.string(),
  server: z.string(),
  realm: z.string(),
  userId: z.string(),
  username: z.string(),
  startedAt: time,
  durationSeconds: z.number(),
  relayed: z.boolean(),
  ...traffic,
  transports: z.array(z.string()),
};

const allocation = z.object({
  id: z.string(),
  transport: z.string(),
  client: z.string(),
  startedAt: time,
  expiresInSeconds: z.number(),
  clientReceivedBytes: z.number(),
  clientSentBytes: z.number(),
  peerReceivedBytes: z.number(),
  peerSentBytes: z.number(),
});

export const liveSession = z.object({ ...session, allocations: z.array(allocation) });
export type LiveSession = z.output<typeof liveSession>;
export type LiveAllocation = z.output<typeof allocation>;

export const ending = z.object({ id: z.string(), allocations: z.number(), open: z.array(z.string()) });
export type Ending = z.output<typeof ending>;

export const usageRecord = z.object({
  ...session,
  endedAt: time,
  allocations: z.number(),
  endReason: z.string(),
  settled: z.string(),
});
export type UsageRecord = z.output<typeof usageRecord>;

/** Keys are there when they were grouped by. */
export const usageSum = z.object({
  user: z.string().optional(),
  realm: z.string().optional(),
  server: z.string().optional(),
  day: z.string().optional(),
  label: z.string().optional(),
  sessions: z.number(),
  relayedSessions: z.number(),
  allocations: z.number(),
  durationSeconds: z.number(),
  ...traffic,
});
export type UsageSum = z.output<typeof usageSum>;

import { z } from 'zod';
import { count, time } from './answer-schema';

export const credentialAnswer = z
  .object({
    username: z.string(),
    password: z.string(),
    ttl: z.int().describe('seconds'),
    uris: z.array(z.string()),
    iceServers: z
      .array(z.object({ urls: z.array(z.string()), username: z.string(), credential: z.string() }))
      .describe('the same for an RTCPeerConnection'),
    expiresAt: time,
  })
  .meta({ id: 'Credential' });

export const rotationAnswer = z.object({
  rotated: z.literal(true),
  acceptedUntil: time.describe('until then credentials of before are accepted'),
});

export const revocationAnswer = z.object({
  user: z.string(),
  blockedUntil: time.describe('no further credential until then'),
  sessions: count.describe('that were under way and are being ended'),
  allocations: count,
  usableUntil: time.nullable().describe('until then one that was issued before could still be used; null: none can'),
  rotated: z.boolean().describe('whether credentials of before are accepted of nobody any more'),
  fleet: z
    .enum(['told', 'pending', 'none'])
    .describe('whether all agents of the registry block the user; pending: when ZooKeeper is back; none: no registry'),
});

export const monitorAnswer = z.object({
  type: z.literal('result'),
  code: z.literal('ok'),
  userid: z.string(),
  password: z.string(),
  expired_time: z.int().describe('milliseconds since the epoch'),
});

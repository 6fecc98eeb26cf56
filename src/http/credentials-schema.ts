import { z } from 'zod';
import { time } from './answer-schema';

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

export const monitorAnswer = z.object({
  type: z.literal('result'),
  code: z.literal('ok'),
  userid: z.string(),
  password: z.string(),
  expired_time: z.int().describe('milliseconds since the epoch'),
});

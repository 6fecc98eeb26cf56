import { z } from 'zod';

/** What the schemas of several answers share. */
export const time = z.iso.datetime({ precision: 3 }).describe('ISO 8601, UTC, with milliseconds');
export const count = z.int().min(0);
export const seconds = z.number().min(0);

/** Bytes and packets of the two legs: the relay and its client, the relay and its peers. */
export const traffic = {
  clientReceivedBytes: count.describe('the relay received from the client'),
  clientReceivedPackets: count,
  clientSentBytes: count.describe('the relay sent to the client'),
  clientSentPackets: count,
  peerReceivedBytes: count.describe('the relay received from peers'),
  peerReceivedPackets: count,
  peerSentBytes: count.describe('the relay sent to peers'),
  peerSentPackets: count,
};

export const errorAnswer = z
  .object({
    error: z.object({ code: z.string().describe('for machines'), message: z.string().describe('for people') }),
  })
  .meta({ id: 'Error' });

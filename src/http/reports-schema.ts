import { z } from 'zod';
import { CANDIDATE_TYPES, SCORED, STATES } from '../reports/report';
import { count } from './answer-schema';
import { name } from './query';

/** Beyond what any path on Earth takes. */
const MAX_RTT_SECONDS = 60;

const candidateType = z.enum(CANDIDATE_TYPES);
const common = {
  state: z
    .enum(STATES)
    .describe('as RTCIceConnectionState, RTCDtlsTransportState, RTCSctpTransportState or mediasoup name it'),
  id: z.string().min(1).max(64).optional().describe('of the connection: by it a repetition is known'),
  user: name.optional().describe('the user name of its TURN credential, or the user alone'),
};

const iceReport = z.strictObject({
  layer: z.literal('ice'),
  ...common,
  candidateTypes: z
    .strictObject({ local: candidateType, remote: candidateType })
    .optional()
    .describe('of the selected pair'),
  roundTripTimeSeconds: z.number().min(0).max(MAX_RTT_SECONDS).optional().describe('of the selected pair'),
});
const upperReport = z.strictObject({ layer: z.enum(['dtls', 'sctp']), ...common });
const scoreReport = z.strictObject({
  layer: z.literal('media'),
  of: z.enum(SCORED),
  score: z.number().min(0).max(10).describe("mediasoup's"),
});

const LAYERS_EXPECTED = 'expected one of ice, dtls, sctp, media';

export const report = z
  .discriminatedUnion('layer', [iceReport, upperReport, scoreReport], {
    // What is no object at all comes here too, and has no layer.
    error: ({ input }) => (typeof input === 'object' && input !== null ? LAYERS_EXPECTED : undefined),
  })
  .meta({ id: 'Report' });

export function reportBatch(max: number) {
  return z.array(report).min(1).max(max);
}

/** What a request may hold, for the description: how many is configured. */
export const reportsBody = z.union([report, z.array(report).min(1)]);

export const reportsAnswer = z.object({
  accepted: count.describe('reports in the request'),
  counted: count.describe('of these, those that said something new'),
  matched: count.describe('of these, those whose user has a session under way'),
});

import { z } from 'zod';
import { limit } from './limits';
import { waitingTime } from './units';

/** `reports`: what clients and media servers say of their calls. */
export const reports = z.strictObject({
  /** The gauges of failures show those of the last whole interval. */
  interval: waitingTime.refine((seconds) => seconds >= 1, 'must be at least 1s').default(20),
  /** How many reports one request may hold; turnkeeper/report sends up to 50 at a time. */
  maxBatch: z.int().min(50).max(1000).default(100),
  /** How many requests may come with one key, and from one address (of IPv6, a /64) that is not this machine's. */
  limits: z
    .strictObject({
      perKey: limit.prefault('6000/1m'),
      perAddress: limit.prefault('600/1m'),
    })
    .prefault({}),
});

import { z } from 'zod';
import { count, seconds, time } from './answer-schema';

export const relayAnswer = z
  .object({
    server: z.string(),
    restAddr: z.string().describe("where the relay's agent is reached"),
    freeTraffic: z.number().min(0).describe('free capacity, megabits per second'),
    load: z.number().min(0).max(1).optional().describe('used part of the capacity'),
    allocations: count.optional(),
    region: z.string().optional(),
    isps: z.array(z.string()).readonly().describe('whose clients it is for; empty: everybody’s'),
    uris: z.array(z.string()).readonly(),
    ready: z.boolean().describe('whether coturn answers there'),
    draining: z.boolean(),
    version: z.string().optional().describe('of the agent'),
    updatedAt: time.describe("when it said so, by ZooKeeper's clock"),
  })
  .readonly()
  .meta({ id: 'Relay' });
export type RelayAnswer = z.output<typeof relayAnswer>;

export const relaysAnswer = z.object({
  server: z.string().describe('the name of the relay that answers'),
  connected: z.boolean().describe('whether ZooKeeper is there; without it the fleet is known as it was'),
  asOf: time.optional().describe('the fleet was like that then; not there before it was first known'),
  ageSeconds: seconds.optional(),
  relays: z.array(relayAnswer),
});
export type RelaysAnswer = z.output<typeof relaysAnswer>;

export const httpSdAnswer = z.array(
  z.object({ targets: z.array(z.string()), labels: z.record(z.string(), z.string()) }).meta({ id: 'TargetGroup' }),
);
export type HttpSdAnswer = z.output<typeof httpSdAnswer>;

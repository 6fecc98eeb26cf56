import { at, type Gauge } from './question';

/** What an erizoJS times (`erizoJSController.js`, `getAndResetMetrics`): the answer's key, the name, and what it is. */
const TIMED = [
  ['durationDistribution', 'task_duration', 'Tasks of the thread pool that took'],
  ['delayDistribution', 'task_delay', 'Tasks of the thread pool that waited'],
  ['connectionDurationDistribution', 'connection_promise_duration', 'Operations on a connection that took'],
  ['connectionDelayDistribution', 'connection_promise_delay', 'Operations on a connection that were told late by'],
  ['streamDurationDistribution', 'stream_promise_duration', 'Operations on a stream that took'],
  ['streamDelayDistribution', 'stream_promise_delay', 'Operations on a stream that were told late by'],
] as const;

/** The first five places of each distribution; the others are not used. */
const BUCKETS = [
  ['0_to_10_ms', 'less than 10 ms'],
  ['10_to_50_ms', '10 to 50 ms'],
  ['50_to_100_ms', '50 to 100 ms'],
  ['100_to_1000_ms', '100 ms to 1 s'],
  ['1000_ms', 'more than 1 s'],
] as const;

export const distributionGauges: readonly Gauge[] = TIMED.flatMap(([key, name, what]) =>
  BUCKETS.map(([range, time], place) => ({
    name: `${name}_${range}`,
    help: `${what} ${time}, since the processes were asked before.`,
    combine: 'sum' as const,
    read: at(key, place),
  })),
);

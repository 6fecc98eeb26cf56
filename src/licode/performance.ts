import { at, type Gauge, type Question } from './question';

/** What an erizoJS measures between two moments of its work (`common/PerformanceStats.js`, `Measures`). */
const MEASURES = [
  'subscribe_total',
  'subscribe_stream_started',
  'subscribe_connection_init',
  'subscribe_candidates_gathered',
  'subscribe_connection_started',
  'subscribe_connection_ready',
  'unsubscribe_total',
  'unsubscribe_close_stream',
  'unsubscribe_remove_internal_stream',
  'unsubscribe_close_internal_stream',
  'unsubscribe_remove_stream',
  'unsubscribe_response_sent',
  'connection_negotiation_local_offer_total',
  'connection_negotiation_offer_create',
  'connection_negotiation_offer_send',
  'connection_negotiation_answer_receive',
  'connection_negotiation_answer_set',
  'connection_negotiation_remote_offer_total',
  'connection_negotiation_offer_set',
  'connection_negotiation_answer_create',
  'connection_negotiation_answer_created',
  'connection_negotiation_answer_send',
] as const;

const STATISTICS = [
  ['min', 'shortest'],
  ['max', 'longest'],
  ['amean', 'average'],
  ['stddev', 'standard deviation of the'],
] as const;

/** One name a measure and statistic, in milliseconds. */
const gauges: readonly Gauge[] = MEASURES.flatMap((measure) =>
  STATISTICS.map(([statistic, phrase]) => ({
    name: `${measure}_${statistic}`,
    help: `${measure.replaceAll('_', ' ')}: ${phrase} time since the processes were asked before, in milliseconds, where it is largest.`,
    combine: 'max' as const,
    read: at(`${measure}_${statistic}`),
  })),
);

/** A process that measured nothing says null for all, and one that measures nothing `{}`. */
export const performanceQuestion: Question = {
  text: 'console.log(JSON.stringify(context.computePerformanceStats()))',
  gauges,
  mayBeEmpty: true,
};

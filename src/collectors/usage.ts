import { byLabel, single, type Collector } from './collector';

/** What the ledger and its store are at; counters since the agent's start. */
export interface UsageFigures {
  /** Records written, by how sure their counts are. */
  readonly written: Readonly<Record<string, number>>;
  /** Records that are not in the store yet. */
  readonly pending: number;
  /** Records given up. */
  readonly dropped: number;
  readonly ledgerUp: boolean;
  readonly storeUp: boolean;
  /** Allocations taken from coturn's log. */
  readonly recovered: number;
  /** Sessions of agents that did not come back. */
  readonly settledForOthers: number;
  /** What of the log was not believed, by the reason. */
  readonly leftOut: Readonly<Record<string, number>>;
}

/** Usage records: written, waiting, and what had to be found out afterwards. */
export function usageCollector(figures: () => UsageFigures): Collector {
  return {
    name: 'usage',
    collect() {
      const { written, pending, dropped, ledgerUp, storeUp, recovered, settledForOthers, leftOut } = figures();
      const records = 'Usage records written: exact, recovered (the agent was away), or estimated (coturn died).';
      const out = "What of coturn's log was not believed when usage was recovered from it.";
      return [
        byLabel('counter', 'turnkeeper_usage_records_total', records, 'settled', written),
        single('gauge', 'turnkeeper_usage_pending', 'Usage records that are not in the store yet.', pending),
        single('counter', 'turnkeeper_usage_dropped_total', 'Usage records lost: too many waited in memory.', dropped),
        single('gauge', 'turnkeeper_usage_ledger_up', 'Whether the data directory takes records.', ledgerUp ? 1 : 0),
        single('gauge', 'turnkeeper_usage_store_up', 'Whether the usage store takes records.', storeUp ? 1 : 0),
        single(
          'counter',
          'turnkeeper_usage_recovered_allocations_total',
          "Allocations whose end only coturn's log told.",
          recovered,
        ),
        single(
          'counter',
          'turnkeeper_usage_settled_for_others_total',
          'Sessions settled for agents that did not come back: their records are estimated.',
          settledForOthers,
        ),
        byLabel('counter', 'turnkeeper_usage_left_out_total', out, 'reason', leftOut),
      ];
    },
  };
}

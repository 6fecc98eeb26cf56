import type { Clock } from '../lib/clock';
import { UserError } from '../lib/errors';
import type { Logger } from '../lib/logger';
import type { Collector, MetricFamily } from './collector';
import { CollectorRunner, type Outcome } from './collector-runner';
import { renderFamilies } from './text-format';

export interface ExpositionOptions {
  readonly collectors: readonly Collector[];
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long a scrape waits for a collector, milliseconds. Prometheus itself gives up after 10 s unless told otherwise. */
  readonly timeoutMs?: number;
}

export interface ScrapeRequest {
  /** Names of collectors (`collect[]`); absent or empty: all. */
  readonly collect?: readonly string[];
  /** OpenMetrics 1.0 instead of Prometheus' text format 0.0.4. */
  readonly openMetrics: boolean;
}

export interface ScrapeResult {
  readonly body: string;
  readonly contentType: string;
}

const DEFAULT_TIMEOUT_MS = 2000;

/** Answers scrapes: runs the collectors side by side and writes what they gave. No collector can cost another its metrics. */
export class Exposition {
  /** The collectors' names, in the order of their metrics. */
  readonly names: readonly string[];
  private readonly runners: readonly CollectorRunner[];
  private readonly logger: Logger;
  /** Family names given twice that the log was told of. Bounded: families are named by code, never by data. */
  private readonly reported = new Set<string>();

  constructor({ collectors, clock, logger, timeoutMs = DEFAULT_TIMEOUT_MS }: ExpositionOptions) {
    this.names = collectors.map((collector) => collector.name);
    this.runners = collectors.map((collector) => new CollectorRunner(collector, clock, logger, timeoutMs));
    this.logger = logger;
  }

  /** Throws a UserError (`bad_request`) when `collect` names a collector that does not exist, and nothing else. */
  async scrape({ collect = [], openMetrics }: ScrapeRequest): Promise<ScrapeResult> {
    const outcomes = await Promise.all(this.choose(collect).map((runner) => runner.collect()));
    return renderFamilies([...this.familiesOf(outcomes), ...selfMetrics(outcomes)], openMetrics);
  }

  private choose(names: readonly string[]): readonly CollectorRunner[] {
    const unknown = names.find((name) => !this.names.includes(name));
    if (unknown !== undefined) {
      const shown = JSON.stringify(unknown.slice(0, 64));
      throw new UserError('bad_request', `There is no collector ${shown}; choose from ${this.names.join(', ')}.`);
    }
    return names.length === 0 ? this.runners : this.runners.filter((runner) => names.includes(runner.name));
  }

  /** A name that stands twice would make Prometheus refuse the whole page, so the first collector keeps it. */
  private familiesOf(outcomes: readonly Outcome[]): readonly MetricFamily[] {
    const byName = new Map<string, MetricFamily>();
    for (const { collector, families } of outcomes) {
      for (const family of families) {
        if (byName.has(family.name)) this.reportTwice(family.name, collector);
        else byName.set(family.name, family);
      }
    }
    return [...byName.values()];
  }

  private reportTwice(metric: string, collector: string): void {
    if (this.reported.has(metric)) return;
    this.reported.add(metric);
    this.logger.error({ metric, collector }, 'a metric was given twice: the second is left out');
  }
}

function selfMetrics(outcomes: readonly Outcome[]): readonly MetricFamily[] {
  const perCollector = (name: string, help: string, valueOf: (outcome: Outcome) => number): MetricFamily => ({
    name,
    help,
    type: 'gauge',
    samples: outcomes.map((outcome) => ({ labels: { collector: outcome.collector }, value: valueOf(outcome) })),
  });
  return [
    perCollector(
      'turnkeeper_collector_success',
      'Whether the collector answered this scrape, in time and without an error: 1 or 0.',
      ({ success }) => (success ? 1 : 0),
    ),
    perCollector(
      'turnkeeper_collector_duration_seconds',
      'How long this scrape waited for the collector, in seconds.',
      ({ durationSeconds }) => durationSeconds,
    ),
  ];
}

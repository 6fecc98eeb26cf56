import type { Clock } from '../lib/clock';
import { LAYERS, type FailureSource, type Layer } from '../webrtc/layers';
import { IntervalCounts } from './interval-counts';
import { LastOutcomes } from './last-outcomes';
import { outcomeOf, type CandidateType, type Report, type StateReport } from './report';
import { ReportCounts, type Path, type Relayed } from './report-counts';

/** 13 MB where every connection has an id of the full length. */
const MAX_CONNECTIONS = 50_000;

export interface ReportsOptions {
  /** Whether any session that the user has under way relayed peer traffic; undefined where there is none. */
  readonly relayedOf: (user: string) => boolean | undefined;
  readonly intervalMs: number;
  readonly clock: Clock;
}

/** What became of a batch. */
export interface Taken {
  readonly accepted: number;
  /** Those that said something new: not again what was counted, and not a state on the way. */
  readonly counted: number;
  /** Those whose user has a session under way. */
  readonly matched: number;
}

/** Counts what clients and media servers report. */
export class Reports implements FailureSource {
  readonly source = 'report';
  readonly counts = new ReportCounts();
  readonly total: Record<Layer, number> = { ice: 0, dtls: 0, sctp: 0 };
  private readonly intervals: IntervalCounts<Layer>;
  private readonly lastOutcomes = new LastOutcomes(MAX_CONNECTIONS);

  constructor(private readonly options: ReportsOptions) {
    this.intervals = new IntervalCounts(LAYERS, options.intervalMs);
  }

  get recent(): Readonly<Record<Layer, number>> {
    return this.intervals.lastWhole(this.options.clock.monotonic());
  }

  take(batch: readonly Report[]): Taken {
    let counted = 0;
    let matched = 0;
    for (const report of batch) {
      const relayed = report.layer === 'media' ? 'unknown' : this.relayedIn(report);
      if (relayed !== 'unknown') matched++;
      if (report.layer === 'media') this.counts.scores[report.of].observe(report.score);
      else if (!this.count(report, relayed)) continue;
      counted++;
    }
    this.counts.taken += batch.length;
    return { accepted: batch.length, counted, matched };
  }

  /** False where it says nothing new. */
  private count(report: StateReport, relayed: Relayed): boolean {
    const { layer, state, id } = report;
    const outcome = outcomeOf(state);
    if (outcome === undefined) return false;
    if (id !== undefined && !this.lastOutcomes.isNews(id, layer, outcome)) {
      this.counts.repeated++;
      return false;
    }
    this.counts.connections[layer][outcome][relayed]++;
    if (outcome === 'failed') this.countFailure(layer);
    if (outcome === 'connected') this.countPath(report);
    return true;
  }

  private countFailure(layer: Layer): void {
    this.total[layer]++;
    this.intervals.add(layer, this.options.clock.monotonic());
  }

  private countPath({ candidateTypes, roundTripTimeSeconds }: StateReport): void {
    if (candidateTypes) this.counts.candidatePairs[candidateTypes.local][candidateTypes.remote]++;
    if (roundTripTimeSeconds !== undefined)
      this.counts.roundTripSeconds[pathOf(candidateTypes)].observe(roundTripTimeSeconds);
  }

  private relayedIn({ user }: StateReport): Relayed {
    const relayed = user === undefined ? undefined : this.options.relayedOf(user);
    if (relayed === undefined) return 'unknown';
    return relayed ? 'yes' : 'no';
  }
}

function pathOf(types: { readonly local: CandidateType; readonly remote: CandidateType } | undefined): Path {
  const ends = types ? [types.local, types.remote] : [];
  if (ends.includes('relay')) return 'relay';
  return ends.length === 0 || ends.includes('unknown') ? 'unknown' : 'direct';
}

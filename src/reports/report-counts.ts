import { Histogram } from '../turn/histogram';
import { LAYERS, type Layer } from '../webrtc/layers';
import { CANDIDATE_TYPES, OUTCOMES, SCORED, type CandidateType, type Outcome, type Scored } from './report';

/** Whether coturn had told of peer traffic in a live session of the user; unknown where the report fits no session. */
const RELAYED = ['yes', 'no', 'unknown'] as const;
export type Relayed = (typeof RELAYED)[number];

/** Whether a relay, of whatever server, stands at either end of the selected pair. */
const PATHS = ['relay', 'direct', 'unknown'] as const;
export type Path = (typeof PATHS)[number];

/** Why a request was refused. */
const REFUSALS = ['request', 'forbidden', 'limit'] as const;
export type Refusal = (typeof REFUSALS)[number];

const RTT_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2, 5];
const SCORES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

/** What the metrics of reports are made of. Every combination is there from the start; none names anybody. */
export class ReportCounts {
  readonly connections: Readonly<Record<Layer, Record<Outcome, Record<Relayed, number>>>> = byName(LAYERS, () =>
    byName(OUTCOMES, () => byName(RELAYED, zero)),
  );
  /** Of ICE connections that came about: the local type, then the remote one. */
  readonly candidatePairs: Readonly<Record<CandidateType, Record<CandidateType, number>>> = byName(
    CANDIDATE_TYPES,
    () => byName(CANDIDATE_TYPES, zero),
  );
  readonly roundTripSeconds: Readonly<Record<Path, Histogram>> = byName(PATHS, () => new Histogram(RTT_SECONDS));
  readonly scores: Readonly<Record<Scored, Histogram>> = byName(SCORED, () => new Histogram(SCORES));
  /** Requests. */
  readonly refused: Record<Refusal, number> = byName(REFUSALS, zero);
  /** Reports that were taken. */
  taken = 0;
  /** Of these, those that said again what was counted. */
  repeated = 0;
}

function zero(): number {
  return 0;
}

function byName<Name extends string, T>(names: readonly Name[], make: () => T): Record<Name, T> {
  return Object.fromEntries(names.map((name) => [name, make()])) as Record<Name, T>;
}

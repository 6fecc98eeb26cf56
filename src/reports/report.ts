import type { Layer } from '../webrtc/layers';

/**
 * What a layer can be said to be in: the names of RTCIceConnectionState, RTCDtlsTransportState and RTCSctpTransportState
 * (W3C webrtc-pc, sections 4.3.3, 5.5.1 and 6.1.1.1) and of mediasoup 3's IceState, DtlsState and SctpState.
 */
export const STATES = [
  'new',
  'checking',
  'connecting',
  'connected',
  'completed',
  'disconnected',
  'failed',
  'closed',
] as const;
export type State = (typeof STATES)[number];

export const OUTCOMES = ['connected', 'disconnected', 'failed'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** RTCIceCandidateType (RFC 8445 section 5.1.1), and where the reporter does not know. */
export const CANDIDATE_TYPES = ['host', 'srflx', 'prflx', 'relay', 'unknown'] as const;
export type CandidateType = (typeof CANDIDATE_TYPES)[number];

/** mediasoup's two ends of a stream: what it takes from a client, and what it sends to one. */
export const SCORED = ['producer', 'consumer'] as const;
export type Scored = (typeof SCORED)[number];

/** A layer of one connection has changed its state. */
export interface StateReport {
  readonly layer: Layer;
  readonly state: State;
  /** Of the connection, made by the reporter; by it a repetition is known. */
  readonly id?: string | undefined;
  /** The user name of its TURN credential, or the user alone. */
  readonly user?: string | undefined;
  /** ICE alone: of the pair that was selected. */
  readonly candidateTypes?: { readonly local: CandidateType; readonly remote: CandidateType } | undefined;
  /** ICE alone: of the same pair. */
  readonly roundTripTimeSeconds?: number | undefined;
}

/** How good a stream is, by mediasoup's measure: 0 to 10. */
interface ScoreReport {
  readonly layer: 'media';
  readonly of: Scored;
  readonly score: number;
}

export type Report = StateReport | ScoreReport;

/** What a state means for the connection; undefined where it is only on the way, or over in good order. */
export function outcomeOf(state: State): Outcome | undefined {
  switch (state) {
    case 'connected':
    case 'completed':
      return 'connected';
    case 'disconnected':
    case 'failed':
      return state;
    case 'new':
    case 'checking':
    case 'connecting':
    case 'closed':
      return undefined;
  }
}

/** A layer of one connection has changed its state; what the agent's `POST /v1/reports` takes. */
export interface StateReport {
  readonly layer: 'ice' | 'dtls' | 'sctp';
  readonly state: 'new' | 'checking' | 'connecting' | 'connected' | 'completed' | 'disconnected' | 'failed' | 'closed';
  /** Of the connection, up to 64 characters: by it the agent knows a repetition. */
  readonly id?: string;
  /** The user name of its TURN credential, or the user alone. */
  readonly user?: string;
}

/** How good a stream is: 0 to 10, mediasoup's measure. */
export interface ScoreReport {
  readonly layer: 'media';
  /** `producer`: what the server receives; `consumer`: what it sends. */
  readonly of: 'producer' | 'consumer';
  readonly score: number;
}

export type Report = StateReport | ScoreReport;

/** What of a WebRTC transport can fail, end to end inside what coturn relays: coturn itself sees none of it. */
export const LAYERS = ['ice', 'dtls', 'sctp'] as const;
export type Layer = (typeof LAYERS)[number];

/** Failures that one source knows of. */
export interface FailureSource {
  readonly source: 'licode' | 'report';
  /** How many failed in the last interval of the source. */
  readonly recent: Readonly<Record<Layer, number>>;
  /** How many failed since the agent started. */
  readonly total: Readonly<Record<Layer, number>>;
}

/** Why an answer was not taken. `unknown`: nobody waits for it (any more). `unexpected`: not what was asked for. */
type Rejection = 'oversized' | 'malformed' | 'unknown' | 'unexpected' | 'too_many';

/** Counts by reason, all there from the start. */
export type Rejections = Record<Rejection, number>;

export function noRejections(): Rejections {
  return { oversized: 0, malformed: 0, unknown: 0, unexpected: 0, too_many: 0 };
}

/** What came from a source and what of it was refused, for `turnkeeper_events_total` and `_rejected_total`. */
export class SourceCounters<Kind extends string, Reason extends string> {
  readonly events: Record<Kind, number>;
  readonly rejected: Record<Reason, number>;

  constructor(
    readonly source: string,
    kinds: readonly Kind[],
    reasons: readonly Reason[],
  ) {
    this.events = zeros(kinds);
    this.rejected = zeros(reasons);
  }
}

function zeros<Key extends string>(keys: readonly Key[]): Record<Key, number> {
  return Object.fromEntries(keys.map((key) => [key, 0])) as Record<Key, number>;
}

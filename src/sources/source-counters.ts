/** How often one thing happened. An object each, so that whoever counts needs no look-up by name. */
export interface Tally {
  count: number;
}

/** What came from a source and what of it was refused, for `turnkeeper_events_total` and `_rejected_total`. */
export class SourceCounters<Kind extends string, Reason extends string> {
  readonly taken: Readonly<Record<Kind, Tally>>;
  readonly refused: Readonly<Record<Reason, Tally>>;

  constructor(
    readonly source: string,
    kinds: readonly Kind[],
    reasons: readonly Reason[],
  ) {
    this.taken = tallies(kinds);
    this.refused = tallies(reasons);
  }

  get events(): Record<Kind, number> {
    return counts(this.taken);
  }

  get rejected(): Record<Reason, number> {
    return counts(this.refused);
  }
}

function tallies<Key extends string>(keys: readonly Key[]): Record<Key, Tally> {
  return Object.fromEntries(keys.map((key) => [key, { count: 0 }])) as Record<Key, Tally>;
}

function counts<Key extends string>(tallied: Readonly<Record<Key, Tally>>): Record<Key, number> {
  const entries = Object.entries<Tally>(tallied).map(([key, { count }]) => [key, count]);
  return Object.fromEntries(entries) as Record<Key, number>;
}

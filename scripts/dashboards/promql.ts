/** The relays that the reader chose. */
export const RELAYS = 'job=~"$job",instance=~"$instance"';
/** Of these, what belongs to the realms that the reader chose. */
export const REALMS = `${RELAYS},realm=~"$realm"`;

/** `$__rate_interval` is Grafana's: long enough for four scrapes, whatever the range on the screen. */
export function perSecond(metric: string, by: string, selector = RELAYS): string {
  return `sum by (${by}) (rate(${metric}{${selector}}[$__rate_interval]))`;
}

/** How much a counter grew, shown only where it did: kinds of failures that never happen draw no line. */
export function failures(metric: string, by: string, selector = RELAYS): string {
  return `sum by (${by}) (increase(${metric}{${selector}}[$__rate_interval])) > 0`;
}

/** The sum now. */
export function sum(metric: string, selector = RELAYS): string {
  return `sum(${metric}{${selector}})`;
}

/** One value for each relay. */
export function perRelay(metric: string, selector = RELAYS): string {
  return `sum by (instance) (${metric}{${selector}})`;
}

/** 0 to 1, and nothing where there is no whole. */
export function share(part: string, whole: string): string {
  return `${part} / (${whole} > 0)`;
}

/** The buckets of a histogram for a heat map. */
export function buckets(metric: string, selector = RELAYS): string {
  return `sum by (le) (increase(${metric}_bucket{${selector}}[$__rate_interval]))`;
}

/** An estimate from a histogram; `>= 0` drops NaN, which it is where nothing was counted. */
export function quantile(q: number, metric: string, by: readonly string[], selector = RELAYS): string {
  return `histogram_quantile(${q}, ${perSecond(`${metric}_bucket`, ['le', ...by].join(', '), selector)}) >= 0`;
}

/** Of the allocations with a packet to or from a peer that closed, those that never heard back; for each relay. */
export function unansweredShare(): string {
  const rate = (how: string): string => perSecond(`coturn_allocations_${how}_total`, 'instance', REALMS);
  return share(rate('unanswered'), `(${rate('closed')} - ${rate('unused')})`);
}

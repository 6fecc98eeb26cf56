interface Measured {
  readonly region: string | undefined;
  /** The last ones, milliseconds. */
  readonly last: readonly number[];
  readonly at: number;
}

/** A minute of them, at one every 10 s. */
const KEPT = 6;
const REMEMBERED_MS = 3_600_000;
const MAX_RELAYS = 4000;
const MAX_REGIONS = 64;

/**
 * Round trips to the relays of each region. A relay's is its shortest of the last six: a queue on the way, or a busy process
 * at either end, only ever adds. A region's is the median of its relays', so that one with a wrong label counts little. A
 * relay that does not answer any more, or is gone, counts for another hour: a region that died has neighbours still.
 */
export class Measurements {
  private readonly relays = new Map<string, Measured>();

  /** `now`: milliseconds of a clock that never steps. */
  note(server: string, region: string | undefined, ms: number, now: number): void {
    const before = this.relays.get(server);
    const last = before?.region === region ? (before?.last ?? []) : [];
    // What is written last stands last: the first is who answered longest ago.
    this.relays.delete(server);
    this.relays.set(server, { region, last: [...last, ms].slice(-KEPT), at: now });
    const [oldest] = this.relays.keys();
    if (this.relays.size > MAX_RELAYS && oldest !== undefined) this.relays.delete(oldest);
  }

  /** Milliseconds by region, of the 64 nearest. */
  byRegion(now: number): Readonly<Record<string, number>> {
    const regions = new Map<string, number[]>();
    for (const [server, { region, last, at }] of this.relays) {
      if (now - at > REMEMBERED_MS) this.relays.delete(server);
      else if (region !== undefined) addTo(regions, region, Math.min(...last));
    }
    const nearest = [...regions]
      .map(([region, all]) => [region, hundredths(median(all))] as const)
      .sort(([, a], [, b]) => a - b);
    return Object.fromEntries(nearest.slice(0, MAX_REGIONS));
  }
}

function addTo(lists: Map<string, number[]>, key: string, value: number): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

/** Of at least one value. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}

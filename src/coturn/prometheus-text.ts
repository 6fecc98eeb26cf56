/** What a Prometheus page says of some families without labels. */
export interface PageReading {
  /** By family. One that is on the page and has no sample yet stands at 0. */
  readonly values: ReadonlyMap<string, number>;
  /** Lines of these families that could not be used. */
  readonly malformed: number;
}

/** Of values coturn writes no others: none is negative, and its counters don't become infinite. */
const VALUE = /^[ \t]+(\d{1,20}(?:\.\d{1,20})?(?:[eE]\+?\d{1,3})?)[ \t\r]*$/;

/**
 * Reads the families named in `wanted` from text that may be anything (text format 0.0.4). A family with a line that
 * can't be right, or with two values, has none: nobody could say which is true.
 */
export function parsePrometheusPage(text: string, wanted: ReadonlySet<string>): PageReading {
  const declared = new Map<string, number>();
  const values = new Map<string, number>();
  const doubtful = new Set<string>();
  let malformed = 0;
  for (const line of text.split('\n')) {
    const type = /^# TYPE (\w+) /.exec(line)?.[1];
    // libprom writes no sample for a counter that was never incremented.
    if (type !== undefined && wanted.has(type)) declared.set(type, 0);
    const [, name = '', rest = ''] = /^([\w:]+)([^]*)$/.exec(line) ?? [];
    if (!wanted.has(name)) continue;
    const value = valueOf(rest);
    if (value !== undefined && !values.has(name)) {
      values.set(name, value);
      continue;
    }
    malformed += 1;
    doubtful.add(name);
  }
  const known = [...declared, ...values].filter(([name]) => !doubtful.has(name));
  return { values: new Map(known), malformed };
}

function valueOf(rest: string): number | undefined {
  const number = Number(VALUE.exec(rest)?.[1]);
  return Number.isFinite(number) ? number : undefined;
}

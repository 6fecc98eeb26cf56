/** A metric as a page describes it. */
export interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  /** Each label with the values that were seen; without the `le` of histograms. */
  readonly labels: Map<string, Set<string>>;
}

const HISTOGRAM = /_(bucket|sum|count)$/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/** Adds the families of a page (Prometheus' text format 0.0.4) to those known, which it gives back. */
export function readFamilies(text: string, families: Map<string, Family>): Map<string, Family> {
  const types = new Map([...text.matchAll(/^# TYPE (\S+) (\w+)$/gm)].map(([, name = '', type = '']) => [name, type]));
  for (const [, name = '', help = ''] of text.matchAll(/^# HELP (\S+) (.*)$/gm)) {
    if (!families.has(name)) families.set(name, { name, type: types.get(name) ?? '', help, labels: new Map() });
  }
  for (const [, series = '', labels = ''] of text.matchAll(/^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? \S+$/gm)) {
    const family = families.get(series) ?? families.get(series.replace(HISTOGRAM, ''));
    if (family) addLabels(family.labels, labels);
  }
  return families;
}

function addLabels(known: Map<string, Set<string>>, text: string): void {
  for (const [, label = '', value = ''] of text.matchAll(LABEL)) {
    if (label === 'le') continue;
    const values = known.get(label) ?? new Set();
    known.set(label, values.add(value));
  }
}
